import { OPSETS } from './cases/case.ts';
import { readRequirements } from './onnx-operators.ts';
import { OPERATORS } from './operator-names.ts';

/** What a graph asks for that the slim runtime was not made for: operators, by their names, and opsets. */
export function findUnsupported(model: Uint8Array): string[] {
  const { operators, opsets } = readRequirements(model);
  const supported = new Set(OPERATORS);
  const known: Record<string, readonly [number, number]> = OPSETS;
  return [
    ...operators.filter((operator) => !supported.has(operator)),
    ...Object.entries(opsets).flatMap(([domain, version]) => {
      const range = known[domain];
      // A set of operators without a used one may be of any version.
      if (!range || (version >= range[0] && version <= range[1])) return [];
      return [`opset ${version} of ${domain} (it has ${range[0]} to ${range[1]})`];
    }),
  ];
}
