import type { Text } from '../../common/contract/text.ts';
import type { RefusedRow } from '../../common/tables/source-row.ts';

/** The failures of a model that runs in the browser. */
export const texts = {
  notDownloaded: {
    fr: 'Un fichier de la page n’a pas pu être téléchargé. Vérifiez la connexion, puis rechargez la page.',
    en: 'A file of this page could not be downloaded. Check the connection, then reload the page.',
  },
  badContract: {
    fr: 'La description du modèle (contract.json) n’est pas valable\u00a0: aucune estimation n’est possible.',
    en: 'The description of the model (contract.json) is not valid: no estimate is possible.',
  },
  insecure: {
    fr: 'Le modèle ne peut être vérifié que si la page est ouverte en https.',
    en: 'The model can be verified only where the page is opened over https.',
  },
  otherModel: {
    fr: 'Le modèle téléchargé n’est pas celui que décrit son contrat (sha256 différent)\u00a0: il n’est pas utilisé. Rechargez la page\u00a0; si cela persiste, signalez-le à qui l’a publiée.',
    en: 'The model that was downloaded is not the one that its contract describes (another sha256), and is not used. Reload the page; if this persists, tell whoever published it.',
  },
  notStarted: {
    fr: 'Le modèle n’a pas pu démarrer. Il faut un navigateur récent, avec WebAssembly.',
    en: 'The model could not be started. It needs a recent browser, with WebAssembly.',
  },
  notPredicted: {
    fr: 'Le modèle n’a pas pu calculer de réponse. Rechargez la page.',
    en: 'The model could not compute an answer. Reload the page.',
  },
  invalid: { fr: 'Le formulaire n’est pas valable.', en: 'The form is not valid.' },
  tooLarge: { fr: 'Ce fichier est trop grand pour cette page.', en: 'This file is too large for this page.' },
  notUtf8: {
    fr: 'Ce fichier n’est pas en UTF-8\u00a0: enregistrez-le en UTF-8 («\u00a0CSV UTF-8\u00a0» dans Excel).',
    en: 'This file is not UTF-8: save it as UTF-8 ("CSV UTF-8" in Excel).',
  },
} satisfies Record<string, Text>;

/** Why a file is refused as a whole. */
export function refusedFile({ violations }: RefusedRow): Text {
  const say = (language: keyof Text) =>
    violations.map(({ fields, message }) => [...fields, message[language]].join(' – ')).join(' ');
  return { fr: say('fr'), en: say('en') };
}
