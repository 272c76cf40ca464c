import { describe, expect, it } from 'vitest';
import { attrition } from '../../common/test/contracts.ts';
import { createRecogniser, missingGroups, type RecognisedFile, type Selection, select } from './recognise-files.ts';

const recognise = createRecogniser(attrition);
const columnsOf = (group: string) => attrition.features.filter((it) => it.group === group).map(({ name }) => name);

describe('createRecogniser', () => {
  it.each(attrition.groups.map(({ id }) => id))('takes a file with the columns of %s for that extract', (group) => {
    expect(recognise(['id_employee', ...columnsOf(group)], 'anything.csv')).toEqual({ kind: 'extract', group });
  });

  it('knows columns by their aliases, and goes by them and not by the name', () => {
    expect(recognise(['eval_number', 'heures_supplementaires'], 'extrait_sirh.csv')).toEqual({
      kind: 'extract',
      group: 'eval',
    });
  });

  it('takes columns of several groups for a whole file', () => {
    expect(recognise(['age', 'frequence_deplacement'], 'extrait_sirh.csv')).toEqual({ kind: 'whole' });
  });

  it('goes by the name where no column is a field', () => {
    expect(recognise(['a', 'b'], 'Extrait_SONDAGE (1).csv')).toEqual({ kind: 'extract', group: 'sondage' });
    expect(recognise([], 'team.csv')).toEqual({ kind: 'whole' });
  });

  it('knows no extracts where the contract could not join them', () => {
    const { identifier: _, ...anonymous } = attrition;
    expect(createRecogniser(anonymous)(columnsOf('sirh'), 'sirh.csv')).toEqual({ kind: 'whole' });
  });
});

const whole = (name: string): RecognisedFile<string> => ({ file: name, name, role: { kind: 'whole' } });
const extract = (group: string, name = group): RecognisedFile<string> => ({
  file: name,
  name,
  role: { kind: 'extract', group },
});
const extracts = (...files: RecognisedFile<string>[]): Selection<string> => ({
  kind: 'extracts',
  files: new Map(files.map((it) => [it.role.kind === 'extract' ? it.role.group : '', it])),
});

describe('select', () => {
  it('gathers extracts, chosen together or one by one', () => {
    const first = extracts(extract('sirh'));
    expect(select({ kind: 'none' }, [extract('sirh')])).toEqual(first);
    const all = select(first, [extract('sondage'), extract('eval')]);
    expect(all).toEqual(extracts(extract('sirh'), extract('eval'), extract('sondage')));
  });

  it('replaces an extract by a later one of its group, and everything by a whole file', () => {
    expect(select(extracts(extract('sirh')), [extract('sirh', 'newer')])).toEqual(extracts(extract('sirh', 'newer')));
    expect(select(extracts(extract('sirh')), [whole('team')])).toEqual({ kind: 'whole', file: whole('team') });
    expect(select({ kind: 'whole', file: whole('team') }, [extract('eval')])).toEqual(extracts(extract('eval')));
  });

  it('refuses what does not go together', () => {
    expect(select({ kind: 'none' }, [whole('a'), whole('b')])).toEqual({ fault: 'two-files' });
    expect(select({ kind: 'none' }, [whole('a'), extract('sirh')])).toEqual({ fault: 'mixed' });
    expect(select({ kind: 'none' }, [extract('sirh', 'a'), extract('sirh', 'b')])).toEqual({ fault: 'same-extract' });
  });
});

describe('missingGroups', () => {
  it('names the groups without an extract, in the order of the contract', () => {
    expect(missingGroups(attrition, extracts(extract('eval'))).map(({ id }) => id)).toEqual(['sirh', 'sondage']);
    expect(missingGroups(attrition, { kind: 'whole', file: whole('a') })).toEqual([]);
  });
});
