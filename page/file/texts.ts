import type { Contract } from '../../common/contract/contract.ts';
import type { Text } from '../../common/contract/text.ts';
import { formatNumber } from '../language.ts';
import { afterDe } from '../subject.ts';
import type { SelectionFault } from './recognise-files.ts';
import type { Repeated } from './rows.ts';

export const texts = {
  choose: { fr: 'Choisir des fichiers CSV', en: 'Choose CSV files' },
  orDrop: { fr: 'ou déposez-les ici', en: 'or drop them here' },
  template: { fr: 'Télécharger un modèle de fichier', en: 'Download a template file' },
  templateHelp: {
    fr: 'toutes les colonnes, avec des exemples fictifs',
    en: 'every column, with made-up examples',
  },
  local: {
    fr: 'Tout se calcule dans votre navigateur\u00a0: le fichier n’est envoyé nulle part.',
    en: 'Everything is computed in your browser: the file is not sent anywhere.',
  },
  remote: {
    fr: 'Le fichier est vérifié dans votre navigateur. Rien n’est envoyé avant que vous lanciez la prédiction, et seulement ce dont le modèle a besoin.',
    en: 'The file is checked in your browser. Nothing is sent before you start the prediction, and then only what the model needs.',
  },
  chosen: { fr: 'Fichiers choisis', en: 'Chosen files' },
  whole: { fr: 'toutes les colonnes', en: 'all columns' },
  missing: { fr: 'à ajouter', en: 'to be added' },
  missingHelp: {
    fr: 'Il manque des extraits\u00a0: ajoutez-les pour continuer.',
    en: 'Some extracts are missing: add them to go on.',
  },
  clear: { fr: 'Recommencer', en: 'Start over' },
  reading: { fr: 'Lecture et vérification', en: 'Reading and checking' },
  predicting: { fr: 'Prédiction', en: 'Predicting' },
  cancel: { fr: 'Arrêter', en: 'Stop' },
  cannotRead: { fr: 'Ce fichier ne peut pas être lu tel quel', en: 'This file cannot be read as it is' },
  cannotReadHelp: {
    fr: 'Corrigez le fichier, puis choisissez-le à nouveau.',
    en: 'Mend the file, then choose it again.',
  },
  empty: { fr: 'Le fichier n’a aucune ligne sous son en-tête.', en: 'The file has no rows below its header.' },
  noneValid: {
    fr: 'Aucune ligne ne peut être prédite\u00a0: corrigez le fichier, puis choisissez-le à nouveau.',
    en: 'No row can be predicted: mend the file, then choose it again.',
  },
  cut: {
    fr: 'La lecture s’est arrêtée à la dernière ligne indiquée\u00a0: ce qui la suit n’est pas lu.',
    en: 'Reading ended at the last row shown: what comes after it is not read.',
  },
  readAs: { fr: 'Lecture du fichier', en: 'How the file was read' },
  results: { fr: 'Résultats', en: 'Results' },
  check: { fr: 'Vérification', en: 'Check' },
  download: { fr: 'Télécharger les résultats (CSV)', en: 'Download the results (CSV)' },
  cancelled: { fr: 'Prédiction arrêtée.', en: 'The prediction was stopped.' },
  incomplete: { fr: 'La réponse s’est interrompue.', en: 'The answer broke off.' },
  show: { fr: 'Afficher', en: 'Show' },
  all: { fr: 'Toutes les lignes', en: 'All rows' },
  refused: { fr: 'Lignes refusées', en: 'Refused rows' },
  warned: { fr: 'Avec avertissement', en: 'With warnings' },
  unanswered: { fr: 'Sans réponse', en: 'Not predicted yet' },
  line: { fr: 'Ligne', en: 'Line' },
  notes: { fr: 'À corriger ou à savoir', en: 'To mend or to know' },
  refusedRow: { fr: 'Refusée', en: 'Refused' },
  noRows: { fr: 'Aucune ligne ne correspond.', en: 'No row matches.' },
  pages: { fr: 'Pages du tableau', en: 'Pages of the table' },
  previous: { fr: 'Précédent', en: 'Previous' },
  next: { fr: 'Suivant', en: 'Next' },
  tooLarge: {
    fr: 'Les fichiers sont trop lourds pour être envoyés en une fois\u00a0: divisez-les.',
    en: 'The files are too large to be sent at once: split them.',
  },
} satisfies Record<string, Text>;

export const mapTexts = {
  title: { fr: 'Quelle colonne est laquelle\u00a0?', en: 'Which column is which?' },
  help: {
    fr: 'Choisissez la colonne du fichier qui contient chacune de ces données. Ce navigateur s’en souviendra.',
    en: 'Choose the column of the file that holds each of these. This browser will remember it.',
  },
  none: { fr: '– à choisir –', en: '– choose –' },
  submit: { fr: 'Relire le fichier', en: 'Read the file again' },
  forget: { fr: 'Oublier les colonnes choisies', en: 'Forget the columns chosen' },
} satisfies Record<string, Text>;

const FAULTS: Record<SelectionFault, Text> = {
  'two-files': {
    fr: 'Choisissez un seul fichier complet à la fois.',
    en: 'Choose one complete file at a time.',
  },
  mixed: {
    fr: 'Choisissez soit un fichier avec toutes les colonnes, soit les extraits\u00a0: pas les deux.',
    en: 'Choose either one file with all columns, or the extracts: not both.',
  },
  'same-extract': {
    fr: 'Deux de ces fichiers sont le même extrait\u00a0: n’en gardez qu’un.',
    en: 'Two of these files are the same extract: keep only one.',
  },
};

export function faultText(fault: SelectionFault): Text {
  return FAULTS[fault];
}

export function fileTitle({ subject: { plural } }: Contract): Text {
  return { fr: `Un fichier ${afterDe(plural.fr)}`, en: `A file of ${plural.en}` };
}

/** Which files may be chosen. */
export function intro({ identifier, groups, subject: { singular } }: Contract): Text {
  const [fr, en] = [groups.map(({ label }) => label.fr).join(', '), groups.map(({ label }) => label.en).join(', ')];
  if (!identifier || groups.length < 2) {
    return {
      fr: `Un fichier CSV avec une ligne par ${singular.fr}.`,
      en: `One CSV file with a row for each ${singular.en}.`,
    };
  }
  return {
    fr: `Un fichier CSV avec une ligne par ${singular.fr}, ou les ${groups.length} extraits (${fr})\u00a0: ils sont reconnus à leurs colonnes et réunis par «\u00a0${identifier.label.fr}\u00a0».`,
    en: `One CSV file with a row for each ${singular.en}, or the ${groups.length} extracts (${en}): they are told by their columns and joined by "${identifier.label.en}".`,
  };
}

function rows(count: number, language: 'fr' | 'en'): string {
  if (language === 'fr') return `${formatNumber('fr', count)} ligne${count < 2 ? '' : 's'}`;
  return `${formatNumber('en', count)} ${count === 1 ? 'row' : 'rows'}`;
}

export function tooManyRows(maxRows: number): Text {
  return {
    fr: `Le fichier a plus de ${rows(maxRows, 'fr')}, la limite ici\u00a0: divisez-le.`,
    en: `The file has more than ${rows(maxRows, 'en')}, the limit here: split it.`,
  };
}

export function readSummary(total: number, refused: number): Text {
  if (refused === 0) {
    return { fr: `${rows(total, 'fr')}, toutes valables.`, en: `${rows(total, 'en')}, all valid.` };
  }
  return {
    fr: `${rows(total, 'fr')}, dont ${formatNumber('fr', refused)} à corriger.`,
    en: `${rows(total, 'en')}, of which ${formatNumber('en', refused)} to be mended.`,
  };
}

export function predictButton(ready: number): Text {
  return { fr: `Prédire ${rows(ready, 'fr')}`, en: `Predict ${rows(ready, 'en')}` };
}

export function predictRest(ready: number): Text {
  return {
    fr: `Prédire ${ready === 1 ? 'la ligne restante' : `les ${rows(ready, 'fr')} restantes`}`,
    en: `Predict the ${ready === 1 ? 'remaining row' : `${rows(ready, 'en')} that remain`}`,
  };
}

export function doneSummary(predicted: number, refused: number): Text {
  const fr = refused === 0 ? '' : `, ${formatNumber('fr', refused)} refusée${refused < 2 ? '' : 's'}`;
  const en = refused === 0 ? '' : `, ${formatNumber('en', refused)} refused`;
  return {
    fr: `${rows(predicted, 'fr')} prédite${predicted < 2 ? '' : 's'}${fr}.`,
    en: `${rows(predicted, 'en')} predicted${en}.`,
  };
}

export function progressOf(done: number, total: number): Text {
  return {
    fr: `${formatNumber('fr', done)} sur ${rows(total, 'fr')}`,
    en: `${formatNumber('en', done)} of ${rows(total, 'en')}`,
  };
}

export function shownOf(from: number, to: number, total: number): Text {
  if (total === 0) return texts.noRows;
  return {
    fr: `${formatNumber('fr', from)} à ${formatNumber('fr', to)} sur ${rows(total, 'fr')}`,
    en: `${formatNumber('en', from)} to ${formatNumber('en', to)} of ${rows(total, 'en')}`,
  };
}

export function notRecorded(count: number): Text {
  return {
    fr: `${rows(count, 'fr')} ${count < 2 ? 'prédite ne sera' : 'prédites ne seront'} pas dans l’historique.`,
    en: `${rows(count, 'en')} predicted will not be in the history.`,
  };
}

/** Said before the rows are recorded. */
export function predictedEarlier(at: string): Text {
  const date = new Date(at);
  const spell = (language: 'fr' | 'en') => date.toLocaleString(language, { dateStyle: 'long', timeStyle: 'short' });
  return {
    fr: `Ce fichier a déjà été prédit dans ce navigateur, le ${spell('fr')}\u00a0: le prédire à nouveau enregistre chaque ligne une deuxième fois.`,
    en: `This file was predicted before in this browser, on ${spell('en')}: predicting it again records every row a second time.`,
  };
}

/** How many repeated identifiers are named. */
const SHOWN_REPEATED = 5;

/** Said before the rows are recorded. */
export function repeatedIdentifiers(repeated: readonly Repeated[], { fr, en }: Text): Text {
  const shown = (line: string) =>
    repeated
      .slice(0, SHOWN_REPEATED)
      .map(({ identifier, lines }) => `${identifier} (${line} ${lines.slice(0, SHOWN_REPEATED).join(', ')})`)
      .join(' ; ');
  const others = repeated.length - SHOWN_REPEATED;
  return {
    fr: `${fr} sur plusieurs lignes\u00a0: ${shown('lignes')}${others > 0 ? `, et ${formatNumber('fr', others)} autres` : ''}. Chaque ligne compte pour elle-même.`,
    en: `${en} on several lines: ${shown('lines').replaceAll(' ; ', '; ')}${others > 0 ? `, and ${formatNumber('en', others)} others` : ''}. Each line counts by itself.`,
  };
}

export function faultPlace(file: string, line: number): Text {
  if (line === 0) return { fr: file, en: file };
  return { fr: `${file}, ligne ${line}`, en: `${file}, line ${line}` };
}

export function warnings(count: number): Text {
  return count === 1
    ? { fr: '1 avertissement', en: '1 warning' }
    : { fr: `${count} avertissements`, en: `${count} warnings` };
}
