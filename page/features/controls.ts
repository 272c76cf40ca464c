import type { Feature } from '../../common/contract/features/features.ts';
import { booleanControl } from './boolean.tsx';
import { categoryControl } from './category.tsx';
import type { FeatureControl } from './control.ts';
import { numericControl } from './numeric.tsx';

/** What the page knows of a feature by its kind: one control a kind. */
export function featureControl(feature: Feature): FeatureControl {
  switch (feature.type) {
    case 'integer':
    case 'number':
      return numericControl(feature);
    case 'boolean':
      return booleanControl(feature);
    case 'category':
      return categoryControl(feature);
  }
}
