import type { Text } from '../../common/contract/text.ts';

export const texts = {
  back: { fr: 'Retour', en: 'Back' },
  quality: { fr: 'À quel point se trompe-t-il\u00a0?', en: 'How often is it wrong?' },
  method: { fr: 'Mesuré par validation croisée', en: 'Measured in cross-validation' },
  decision: { fr: 'Comment il répond', en: 'How it answers' },
  from: { fr: 'à partir de', en: 'from' },
  origin: { fr: 'D’où il vient', en: 'Where it comes from' },
  version: { fr: 'Version', en: 'Version' },
  trained: { fr: 'Entraîné le', en: 'Trained on' },
  rows: { fr: 'Lignes d’entraînement', en: 'Training rows' },
  algorithm: { fr: 'Algorithme', en: 'Algorithm' },
  licence: { fr: 'Licence', en: 'Licence' },
  graph: { fr: 'sha256 du modèle', en: 'sha256 of the model' },
  ignored: { fr: 'Ce qu’il n’utilise pas', en: 'What it does not use' },
  contract: { fr: 'Son contrat complet (JSON)', en: 'Its whole contract (JSON)' },
  recall: { fr: 'Rappel', en: 'Recall' },
  precision: { fr: 'Précision', en: 'Precision' },
  rocAuc: { fr: 'ROC AUC', en: 'ROC AUC' },
  averagePrecision: { fr: 'Précision moyenne', en: 'Average precision' },
  f1: { fr: 'F1', en: 'F1' },
  accuracy: { fr: 'Exactitude', en: 'Accuracy' },
  brier: { fr: 'Score de Brier', en: 'Brier score' },
  ece: { fr: 'Erreur de calibration', en: 'Calibration error' },
} satisfies Record<string, Text>;

/** What precision and recall mean, for who has not met them. `label` is that of the positive outcome. */
export function inHundreds(precision: number, recall: number, label: Text): Text {
  const [right, found] = [Math.round(precision * 100), Math.round(recall * 100)];
  return {
    fr: `Sur 100 réponses «\u00a0${label.fr}\u00a0», environ ${right} sont justes. Sur 100 cas réels, il en signale environ ${found}.`,
    en: `Of 100 answers “${label.en}”, about ${right} are right. Of 100 real cases, it points out about ${found}.`,
  };
}

export function answersPositive(label: Text, threshold: Text): Text {
  return {
    fr: `À partir d’une probabilité de ${threshold.fr}, la réponse est «\u00a0${label.fr}\u00a0».`,
    en: `From a probability of ${threshold.en} on, the answer is “${label.en}”.`,
  };
}
