import type { Feature } from '../../common/contract/features/features.ts';
import { booleanControl } from './boolean.tsx';
import { categoryControl } from './category.tsx';
import type { FeatureControl } from './control.ts';
import { numericControl } from './numeric.tsx';

const controls = new WeakMap<Feature, FeatureControl>();

/**
 * The control of a feature, by its kind. It is made once a feature: another `Control` at the next
 * rendering would be another component, and the visitor would lose the field while typing.
 */
export function featureControl(feature: Feature): FeatureControl {
  const known = controls.get(feature);
  if (known) return known;
  const control = controlOf(feature);
  controls.set(feature, control);
  return control;
}

function controlOf(feature: Feature): FeatureControl {
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
