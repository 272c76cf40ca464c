import type { MulticlassOutput } from '../../../common/contract/outputs/multiclass.ts';
import type { Language } from '../../language.ts';

/** A label in words. That of another version is given as it is. */
export function labelText({ labels }: MulticlassOutput, label: string, language: Language): string {
  return labels.find(({ value }) => value === label)?.label[language] ?? label;
}
