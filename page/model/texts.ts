import type { Text } from '../../common/contract/text.ts';

export const texts = {
  back: { fr: 'Retour', en: 'Back' },
  quality: { fr: 'À quel point se trompe-t-il\u00a0?', en: 'How often is it wrong?' },
  decision: { fr: 'Comment il répond', en: 'How it answers' },
  origin: { fr: 'D’où il vient', en: 'Where it comes from' },
  version: { fr: 'Version', en: 'Version' },
  trained: { fr: 'Entraîné le', en: 'Trained on' },
  rows: { fr: 'Lignes d’entraînement', en: 'Training rows' },
  algorithm: { fr: 'L’algorithme (en anglais)', en: 'The algorithm' },
  licence: { fr: 'Licence', en: 'Licence' },
  graph: { fr: 'sha256 du modèle', en: 'sha256 of the model' },
  ignored: { fr: 'Ce qu’il n’utilise pas', en: 'What it does not use' },
  contract: { fr: 'Son contrat complet (JSON)', en: 'Its whole contract (JSON)' },
} satisfies Record<string, Text>;
