import * as z from 'zod';
import { BooleanFeature, booleanKind } from './boolean.ts';
import { CategoryFeature, categoryKind } from './category.ts';
import type { FeatureKind } from './kind.ts';
import { nullableKind } from './nullable.ts';
import { IntegerFeature, NumberFeature, numericKind } from './numeric.ts';

/** The kinds of features that there are. A new kind is a module beside this one, and a line in each place here. */
export const Feature = z.discriminatedUnion('type', [IntegerFeature, NumberFeature, BooleanFeature, CategoryFeature]);
export type Feature = z.infer<typeof Feature>;

/** The kind of a feature. */
export function featureKind(feature: Feature): FeatureKind {
  const kind = givenKind(feature);
  return feature.missing ? nullableKind(feature.name, kind, feature.missing) : kind;
}

/** The kind of a feature whose value is there. */
function givenKind(feature: Feature): FeatureKind {
  switch (feature.type) {
    case 'integer':
    case 'number':
      return numericKind(feature);
    case 'boolean':
      return booleanKind(feature);
    case 'category':
      return categoryKind(feature);
  }
}
