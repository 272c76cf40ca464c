import type { Text } from '../../common/contract/text.ts';

export const texts = {
  asTable: { fr: 'Les mêmes chiffres en tableau', en: 'The same numbers as a table' },
  notLoaded: {
    fr: 'Le graphique n’a pas pu être chargé. Ses chiffres sont dans le tableau.',
    en: 'The chart could not be loaded. Its numbers are in the table.',
  },
} satisfies Record<string, Text>;
