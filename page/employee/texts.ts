import type { Text } from '../../common/contract/text.ts';

export const texts = {
  examples: { fr: 'Partir d’un exemple', en: 'Start from an example' },
  choose: { fr: 'Choisir…', en: 'Choose…' },
  unknown: { fr: 'Non renseigné', en: 'Not known' },
  optional: { fr: 'facultatif', en: 'optional' },
  predict: { fr: 'Prédire et enregistrer', en: 'Predict and record' },
  estimate: { fr: 'Estimer', en: 'Estimate' },
  clear: { fr: 'Vider le formulaire', en: 'Clear the form' },
  replaced: { fr: 'Votre saisie a été remplacée.', en: 'Your entries were replaced.' },
  bringBack: { fr: 'La rétablir', en: 'Bring them back' },
  alreadyRecorded: {
    fr: 'Cette saisie est déjà enregistrée\u00a0: rien n’a été enregistré de plus.',
    en: 'This form is recorded already: nothing more was recorded.',
  },
  recordAgain: { fr: 'L’enregistrer une fois de plus', en: 'Record it once more' },
  answer: { fr: 'Prédiction', en: 'Result' },
  noAnswer: {
    fr: 'Remplissez le formulaire, ou partez d’un exemple\u00a0: la prédiction s’affiche ici à mesure.',
    en: 'Fill in the form, or start from an example: the result appears here as you go.',
  },
  private: {
    fr: 'Tout se calcule dans votre navigateur\u00a0: rien de ce que vous saisissez n’est envoyé ni enregistré.',
    en: 'Everything is computed in your browser: nothing that you enter is sent or recorded.',
  },
  notKept: { fr: 'Rien n’est enregistré ici.', en: 'Nothing is recorded here.' },
  stale: {
    fr: 'Le formulaire a changé depuis cette prédiction.',
    en: 'The form has changed since this result.',
  },
  draft: {
    fr: 'Essai\u00a0: cette prédiction n’est pas enregistrée.',
    en: 'A trial: this result is not recorded.',
  },
  recorded: { fr: 'Prédiction enregistrée', en: 'Prediction recorded' },
  pending: { fr: 'Prédiction en cours d’enregistrement', en: 'Prediction being recorded' },
  notRecorded: {
    fr: 'La prédiction est faite, mais n’a pas pu être enregistrée.',
    en: 'The prediction was made, but could not be recorded.',
  },
  aboutModel: { fr: 'La fiche du modèle', en: 'About this model' },
  warnings: { fr: 'À lire avec prudence', en: 'Read with care' },
  whatIf: { fr: 'Et si…', en: 'What if…' },
  undo: { fr: 'Annuler ces changements', en: 'Undo these changes' },
  curve: { fr: 'Effet d’un seul champ', en: 'By one field' },
  curveField: { fr: 'Champ', en: 'Field' },
  curveEmpty: {
    fr: 'La courbe s’affiche quand le formulaire est complet.',
    en: 'The chart appears once the form is complete.',
  },
  otherModel: {
    fr: 'Une autre version du modèle vient d’être mise en service.',
    en: 'Another version of the model has just gone into service.',
  },
  exchange: { fr: 'Requête et réponse', en: 'Request and response' },
  request: { fr: 'Requête', en: 'Request' },
  response: { fr: 'Réponse', en: 'Response' },
  notSet: { fr: 'non renseigné', en: 'not set' },
  loadingModel: {
    fr: 'Chargement du modèle (quelques secondes la première fois)…',
    en: 'Loading the model (some seconds the first time)…',
  },
  modelReady: { fr: 'Modèle chargé et vérifié.', en: 'Model loaded and verified.' },
} satisfies Record<string, Text>;

export function filled(count: number, total: number): Text {
  return {
    fr: `${count} champ${count > 1 ? 's' : ''} sur ${total} rempli${count > 1 ? 's' : ''}`,
    en: `${count} of ${total} fields filled in`,
  };
}

export function toMend(fields: number): Text {
  return fields === 1
    ? { fr: 'Un champ est à corriger.', en: 'One field needs correcting.' }
    : { fr: `${fields} champs sont à corriger.`, en: `${fields} fields need correcting.` };
}

/** Names the example, or the latest prediction, that the form is compared with. */
export function comparedWith(example: Text | null): Text {
  return example === null
    ? { fr: 'Par rapport à la prédiction', en: 'Compared with the prediction' }
    : { fr: `Par rapport à l’exemple «\u00a0${example.fr}\u00a0»`, en: `Compared with the example “${example.en}”` };
}
