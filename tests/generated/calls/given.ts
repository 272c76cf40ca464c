import { readFileSync } from 'node:fs';

function given(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: npm run test:generated sets it.`);
  return value;
}

/** Where the Worker is, and a key that may do everything there. */
export const baseUrl = given('FUTURISYS_URL');
export const key = given('FUTURISYS_API_KEY');
export const authorization = `Bearer ${key}`;

type Example = { input: Record<string, string | number>; probability: number };
type Contract = { examples: Example[]; features: { name: string; group: string }[]; groups: { id: string }[] };
const contract: Contract = JSON.parse(readFileSync('model/contract.json', 'utf8'));

/** The second field that joins the extracts is each extract's own. */
const NUMBERS: Record<string, string> = { sirh: 'id_employee', eval: 'eval_number', sondage: 'code_sondage' };

/** The examples' answers from the training pipeline. */
export const expected = contract.examples.map(({ probability }) => probability);

/** The CSV of one extract, with every example in it. */
export function extractOf(id: string): File {
  const names = contract.features.filter(({ group }) => group === id).map(({ name }) => name);
  const lines = contract.examples.map(({ input }, i) => [i + 1, ...names.map((name) => JSON.stringify(input[name]))]);
  return new File([[[NUMBERS[id], ...names], ...lines].join('\n')], `${id}.csv`, { type: 'text/csv' });
}

/** The first example, in words of the contract: a generator that loses a field or a value of the record does not compile with it. */
export const record = {
  age: 45,
  genre: 'F',
  revenu_mensuel: 9200,
  statut_marital: 'Marié(e)',
  departement: 'Consulting',
  poste: 'Manager',
  nombre_experiences_precedentes: 2,
  annee_experience_totale: 21,
  annees_dans_l_entreprise: 14,
  annees_dans_le_poste_actuel: 8,
  satisfaction_employee_environnement: 4,
  note_evaluation_precedente: 3,
  niveau_hierarchique_poste: 3,
  satisfaction_employee_nature_travail: 4,
  satisfaction_employee_equipe: 3,
  satisfaction_employee_equilibre_pro_perso: 3,
  note_evaluation_actuelle: 3,
  heure_supplementaires: 'Non',
  augementation_salaire_precedente: 15,
  nombre_participation_pee: 1,
  nb_formations_suivies: 3,
  distance_domicile_travail: 4,
  niveau_education: 4,
  domaine_etude: 'Infra & Cloud',
  frequence_deplacement: 'Aucun',
  annees_depuis_la_derniere_promotion: 2,
  annes_sous_responsable_actuel: 7,
} as const;
