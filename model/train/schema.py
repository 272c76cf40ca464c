"""What the model's domain looks like: features, units, ranges, categories, rules. Declarations only, no computing.

Names are the columns of the extracts byte for byte, misspellings included: they are the public names of the inputs.
A text is a pair (French, English). Ranges are in the feature's unit.
"""

from dataclasses import dataclass

Text = tuple[str, str]


@dataclass(frozen=True)
class Interval:
    """An interval of values; each bound is inclusive unless marked as exclusive."""

    min: float
    max: float
    exclusive_min: bool = False
    exclusive_max: bool = False

    def holds(self, value: float) -> bool:
        above = value > self.min if self.exclusive_min else value >= self.min
        below = value < self.max if self.exclusive_max else value <= self.max
        return above and below


@dataclass(frozen=True)
class Refused:
    """A range inside the accepted one that is nearly always a mistake, with a hint for the sender."""

    interval: Interval
    hint: Text


@dataclass(frozen=True)
class Numeric:
    """A numeric feature. `seen` is the range that the training data covers; train.py reads it again from the extracts."""

    name: str
    group: str
    type: str  # 'integer' or 'number'
    label: Text
    accepted: Interval
    seen: tuple[float, float]
    unit: Text | None = None
    help: Text | None = None
    aliases: tuple[str, ...] = ()
    refused: tuple[Refused, ...] = ()
    suffix: str | None = None


@dataclass(frozen=True)
class Category:
    value: str
    label: Text
    aliases: tuple[str | bool, ...] = ()


@dataclass(frozen=True)
class Categorical:
    """A feature with named values. `codes` is its fixed encoding; None when it is target-encoded."""

    name: str
    group: str
    label: Text
    categories: tuple[Category, ...]
    help: Text | None = None
    aliases: tuple[str, ...] = ()
    ordered: bool = False
    codes: dict[str, float] | None = None

    @property
    def values(self) -> list[str]:
        return [category.value for category in self.categories]


Feature = Numeric | Categorical

YEARS: Text = ('ans', 'years')
TIMES: Text = ('fois', 'times')
SCALE_LOW_TO_HIGH: Text = ('De 1 (faible) à 4 (très élevée).', 'From 1 (low) to 4 (very high).')


def _years(name: str, group: str, label: Text, seen: tuple[int, int], help: Text | None = None,
           accepted: tuple[int, int] = (0, 50), aliases: tuple[str, ...] = ()) -> Numeric:
    return Numeric(name, group, 'integer', label, Interval(*accepted), seen, YEARS, help, aliases)


def _score(name: str, label: Text, help: Text = SCALE_LOW_TO_HIGH, seen: tuple[int, int] = (1, 4)) -> Numeric:
    return Numeric(name, 'eval', 'integer', label, Interval(1, 4), seen, None, help)


GROUPS: dict[str, Text] = {
    'sirh': ('Dossier RH', 'HR record'),
    'eval': ('Évaluation annuelle', 'Annual review'),
    'sondage': ('Sondage interne', 'Staff survey'),
}

FEATURES: tuple[Feature, ...] = (
    _years('age', 'sirh', ('Âge', 'Age'), (18, 60), accepted=(18, 70)),
    Categorical(
        'genre', 'sirh', ('Genre', 'Gender'),
        (Category('F', ('Femme', 'Woman'), ('Femme',)), Category('M', ('Homme', 'Man'), ('Homme',))),
        codes={'F': 0.0, 'M': 1.0},
    ),
    Numeric(
        'revenu_mensuel', 'sirh', 'number', ('Revenu mensuel', 'Monthly income'),
        Interval(0, 50000, exclusive_min=True), (1100, 19800), ('€/mois', 'EUR/month'),
        ('Salaire brut par mois, en euros.', 'Gross pay per month, in euros.'),
    ),
    Categorical(
        'statut_marital', 'sirh', ('Statut marital', 'Marital status'),
        (
            Category('Célibataire', ('Célibataire', 'Single')),
            Category('Marié(e)', ('Marié(e)', 'Married')),
            Category('Divorcé(e)', ('Divorcé(e)', 'Divorced')),
        ),
    ),
    Categorical(
        'departement', 'sirh', ('Département', 'Department'),
        (
            Category('Commercial', ('Commercial', 'Sales')),
            Category('Consulting', ('Consulting', 'Consulting')),
            Category('Ressources Humaines', ('Ressources humaines', 'Human resources')),
        ),
    ),
    Categorical(
        'poste', 'sirh', ('Poste', 'Position'),
        (
            Category('Cadre Commercial', ('Cadre commercial', 'Sales executive')),
            Category('Assistant de Direction', ('Assistant de direction', 'Executive assistant')),
            Category('Consultant', ('Consultant', 'Consultant')),
            Category('Tech Lead', ('Tech lead', 'Tech lead')),
            Category('Manager', ('Manager', 'Manager')),
            Category('Senior Manager', ('Senior manager', 'Senior manager')),
            Category('Représentant Commercial', ('Représentant commercial', 'Sales representative')),
            Category('Directeur Technique', ('Directeur technique', 'Technical director')),
            Category('Ressources Humaines', ('Ressources humaines', 'Human resources')),
        ),
    ),
    Numeric(
        'nombre_experiences_precedentes', 'sirh', 'integer', ('Expériences précédentes', 'Previous employers'),
        Interval(0, 20), (0, 9), None,
        ('Nombre d’entreprises où la personne a déjà travaillé.', 'Number of companies worked for before.'),
    ),
    _years(
        'annee_experience_totale', 'sirh', ('Expérience totale', 'Total experience'), (0, 37),
        ('Années de travail, toutes entreprises confondues.', 'Years of work, all companies together.'),
    ),
    _years('annees_dans_l_entreprise', 'sirh', ('Ancienneté dans l’entreprise', 'Years in the company'), (0, 34)),
    _years('annees_dans_le_poste_actuel', 'sirh', ('Ancienneté dans le poste', 'Years in the current position'), (0, 17)),
    _score('satisfaction_employee_environnement', ('Satisfaction : environnement', 'Satisfaction: environment')),
    _score('note_evaluation_precedente', ('Note de l’évaluation précédente', 'Previous review score')),
    Numeric(
        'niveau_hierarchique_poste', 'eval', 'integer', ('Niveau hiérarchique', 'Job level'), Interval(1, 5), (1, 5),
        help=('De 1 (le plus bas) à 5 (le plus haut).', 'From 1 (lowest) to 5 (highest).'),
    ),
    _score('satisfaction_employee_nature_travail', ('Satisfaction : nature du travail', 'Satisfaction: the work itself')),
    _score('satisfaction_employee_equipe', ('Satisfaction : équipe', 'Satisfaction: team')),
    _score(
        'satisfaction_employee_equilibre_pro_perso', ('Satisfaction : équilibre pro/perso', 'Satisfaction: work-life balance')
    ),
    _score(
        'note_evaluation_actuelle', ('Note de l’évaluation actuelle', 'Current review score'), seen=(3, 4),
        help=(
            'De 1 à 4 ; seules les notes 3 et 4 figurent dans les données d’entraînement.',
            'From 1 to 4; only 3 and 4 occur in the training data.',
        ),
    ),
    Categorical(
        'heure_supplementaires', 'eval', ('Heures supplémentaires', 'Overtime'),
        (Category('Non', ('Non', 'No'), (False,)), Category('Oui', ('Oui', 'Yes'), (True,))),
        aliases=('heures_supplementaires',),
        codes={'Non': 0.0, 'Oui': 1.0},
    ),
    Numeric(
        'augementation_salaire_precedente', 'eval', 'number', ('Dernière augmentation', 'Last raise'),
        Interval(0, 100), (11, 25), ('%', '%'),
        ('En points de pourcentage : 11 pour « 11 % ».', 'In percent points: 11 for "11%".'),
        ('augmentation_salaire_precedente',),
        (
            Refused(
                Interval(0, 1, exclusive_min=True, exclusive_max=True),
                (
                    'La valeur ressemble à une fraction ; donnez des points de pourcentage (11 pour 11 %, et non 0,11).',
                    'The value looks like a fraction; give percent points (11 for 11%, not 0.11).',
                ),
            ),
        ),
        '%',
    ),
    Numeric(
        'nombre_participation_pee', 'sondage', 'integer',
        ('Participations au plan d’épargne (PEE)', 'Savings plan contributions'), Interval(0, 3), (0, 3),
        help=(
            'Participations au plan d’épargne entreprise, de 0 à 3.',
            'Participations in the company savings plan, from 0 to 3.',
        ),
    ),
    Numeric(
        'nb_formations_suivies', 'sondage', 'integer', ('Formations suivies', 'Training courses'), Interval(0, 20), (0, 6),
        help=('Nombre de formations suivies l’an passé.', 'Number of courses taken last year.'),
    ),
    Numeric(
        'distance_domicile_travail', 'sondage', 'integer', ('Distance domicile-travail', 'Distance from home'),
        Interval(0, 100), (1, 29), ('km', 'km'),
    ),
    Numeric(
        'niveau_education', 'sondage', 'integer', ('Niveau d’études', 'Education level'), Interval(1, 5), (1, 5),
        help=('De 1 (le plus bas) à 5 (doctorat).', 'From 1 (lowest) to 5 (doctorate).'),
    ),
    Categorical(
        'domaine_etude', 'sondage', ('Domaine d’études', 'Field of study'),
        (
            Category('Infra & Cloud', ('Infra et cloud', 'Infrastructure and cloud')),
            Category('Transformation Digitale', ('Transformation digitale', 'Digital transformation')),
            Category('Marketing', ('Marketing', 'Marketing')),
            # Spelled with one letter moved in the data; the dictionary's spelling is an alias.
            Category('Entrepreunariat', ('Entrepreneuriat', 'Entrepreneurship'), ('Entrepreneuriat',)),
            Category('Autre', ('Autre', 'Other')),
            Category('Ressources Humaines', ('Ressources humaines', 'Human resources')),
        ),
    ),
    Categorical(
        'frequence_deplacement', 'sondage', ('Fréquence des déplacements', 'Business travel'),
        (
            Category('Aucun', ('Aucun', 'None')),
            Category('Occasionnel', ('Occasionnel', 'Occasional')),
            Category('Frequent', ('Fréquent', 'Frequent'), ('Fréquent',)),
        ),
        ordered=True,
        codes={'Aucun': 0.0, 'Occasionnel': 1.0, 'Frequent': 2.0},
    ),
    _years(
        'annees_depuis_la_derniere_promotion', 'sondage', ('Années depuis la promotion', 'Years since last promotion'), (0, 15)
    ),
    _years(
        'annes_sous_responsable_actuel', 'sondage', ('Années avec le responsable', 'Years with current manager'), (0, 17),
        aliases=('annees_sous_responsable_actuel',),
    ),
)

BY_NAME: dict[str, Feature] = {feature.name: feature for feature in FEATURES}

TARGET_ENCODED = ('statut_marital', 'departement', 'poste', 'domaine_etude')

TARGET_NAME = 'a_quitte_l_entreprise'
TARGET_POSITIVE = 'Oui'
TARGET_NEGATIVE = 'Non'

IDENTIFIER = 'id_employee'
IDENTIFIER_LABEL: Text = ('Matricule', 'Employee number')
IDENTIFIER_ALIASES = ('eval_number', 'code_sondage')
IDENTIFIER_PREFIXES = ('E_',)

IGNORED: dict[str, Text] = {
    'nombre_heures_travailless': (
        'Vaut 80 pour tout le monde dans les données d’entraînement : n’apporte aucune information.',
        'It is 80 for everybody in the training data: it carries no information.',
    ),
    'nombre_employee_sous_responsabilite': (
        'Vaut 1 pour tout le monde dans les données d’entraînement : n’apporte aucune information.',
        'It is 1 for everybody in the training data: it carries no information.',
    ),
    'ayant_enfants': (
        'Vaut « Y » pour tout le monde dans les données d’entraînement : n’apporte aucune information.',
        'It is "Y" for everybody in the training data: it carries no information.',
    ),
    TARGET_NAME: (
        'C’est ce que le modèle prédit : jamais une entrée.',
        'It is what the model predicts: never an input.',
    ),
}


@dataclass(frozen=True)
class AtMost:
    """left <= right + offset, in years. A record that breaks it is refused."""

    id: str
    left: str
    right: str
    message: Text
    offset: float = 0


AT_MOST: tuple[AtMost, ...] = (
    AtMost(
        'position-within-company', 'annees_dans_le_poste_actuel', 'annees_dans_l_entreprise',
        (
            'L’ancienneté dans le poste ne peut pas dépasser l’ancienneté dans l’entreprise.',
            'Years in the current position cannot exceed years in the company.',
        ),
    ),
    AtMost(
        'promotion-within-company', 'annees_depuis_la_derniere_promotion', 'annees_dans_l_entreprise',
        (
            'Les années depuis la dernière promotion ne peuvent pas dépasser l’ancienneté dans l’entreprise.',
            'Years since the last promotion cannot exceed years in the company.',
        ),
    ),
    AtMost(
        'manager-within-company', 'annes_sous_responsable_actuel', 'annees_dans_l_entreprise',
        (
            'Les années avec le responsable actuel ne peuvent pas dépasser l’ancienneté dans l’entreprise.',
            'Years with the current manager cannot exceed years in the company.',
        ),
    ),
    AtMost(
        'company-within-experience', 'annees_dans_l_entreprise', 'annee_experience_totale',
        (
            'L’ancienneté dans l’entreprise ne peut pas dépasser l’expérience totale.',
            'Years in the company cannot exceed total experience.',
        ),
    ),
    AtMost(
        'experience-within-age', 'annee_experience_totale', 'age',
        (
            'L’expérience totale ne peut pas dépasser l’âge moins 18 ans.',
            'Total experience cannot exceed age minus 18 years.',
        ),
        offset=-18,
    ),
)

COMBINATION_ID = 'seen-department-position'
# A record is about one of these.
SUBJECT = (('employé', 'employee'), ('employés', 'employees'))
# What the law protects: articles L1132-1 of the Code du travail and 21 of the EU Charter.
PROTECTED = ('age', 'genre', 'statut_marital')
# What an employer can change. Satisfaction and evaluations are answers of people, so they are not among them.
CHANGEABLE = (
    'revenu_mensuel', 'poste', 'departement', 'niveau_hierarchique_poste', 'heure_supplementaires',
    'augementation_salaire_precedente', 'nombre_participation_pee', 'nb_formations_suivies', 'frequence_deplacement',
)
COMBINATION_FIELDS = ('departement', 'poste')
COMBINATION_MESSAGE: Text = (
    'L’entraînement ne couvre pas ce poste dans ce département.',
    'Training does not cover this position in this department.',
)
# The pairs that the training data covers; train.py reads them again from the extracts.
COMBINATIONS: tuple[tuple[str, str], ...] = (
    ('Commercial', 'Cadre Commercial'),
    ('Commercial', 'Représentant Commercial'),
    ('Commercial', 'Senior Manager'),
    ('Consulting', 'Assistant de Direction'),
    ('Consulting', 'Consultant'),
    ('Consulting', 'Directeur Technique'),
    ('Consulting', 'Manager'),
    ('Consulting', 'Senior Manager'),
    ('Consulting', 'Tech Lead'),
    ('Ressources Humaines', 'Ressources Humaines'),
    ('Ressources Humaines', 'Senior Manager'),
)
