"""Three made-up employees, from low to high risk, for documentation and demos."""

import pandas as pd

import pipeline
import schema
from golden import plain
from pipeline import Pair

Text = schema.Text

_STEADY = {
    'age': 45, 'genre': 'F', 'revenu_mensuel': 9200, 'statut_marital': 'Marié(e)', 'departement': 'Consulting',
    'poste': 'Manager', 'nombre_experiences_precedentes': 2, 'annee_experience_totale': 21,
    'annees_dans_l_entreprise': 14, 'annees_dans_le_poste_actuel': 8, 'satisfaction_employee_environnement': 4,
    'note_evaluation_precedente': 3, 'niveau_hierarchique_poste': 3, 'satisfaction_employee_nature_travail': 4,
    'satisfaction_employee_equipe': 3, 'satisfaction_employee_equilibre_pro_perso': 3, 'note_evaluation_actuelle': 3,
    'heure_supplementaires': 'Non', 'augementation_salaire_precedente': 15, 'nombre_participation_pee': 1,
    'nb_formations_suivies': 3, 'distance_domicile_travail': 4, 'niveau_education': 4, 'domaine_etude': 'Infra & Cloud',
    'frequence_deplacement': 'Aucun', 'annees_depuis_la_derniere_promotion': 2, 'annes_sous_responsable_actuel': 7,
}

_TORN = {
    'age': 34, 'genre': 'M', 'revenu_mensuel': 4350.5, 'statut_marital': 'Célibataire', 'departement': 'Commercial',
    'poste': 'Cadre Commercial', 'nombre_experiences_precedentes': 5, 'annee_experience_totale': 9,
    'annees_dans_l_entreprise': 5, 'annees_dans_le_poste_actuel': 3, 'satisfaction_employee_environnement': 2,
    'note_evaluation_precedente': 3, 'niveau_hierarchique_poste': 2, 'satisfaction_employee_nature_travail': 2,
    'satisfaction_employee_equipe': 3, 'satisfaction_employee_equilibre_pro_perso': 3, 'note_evaluation_actuelle': 3,
    'heure_supplementaires': 'Non', 'augementation_salaire_precedente': 13, 'nombre_participation_pee': 0,
    'nb_formations_suivies': 2, 'distance_domicile_travail': 22, 'niveau_education': 3, 'domaine_etude': 'Marketing',
    'frequence_deplacement': 'Occasionnel', 'annees_depuis_la_derniere_promotion': 3, 'annes_sous_responsable_actuel': 2,
}

_LEAVING = {
    'age': 26, 'genre': 'M', 'revenu_mensuel': 2400, 'statut_marital': 'Célibataire', 'departement': 'Commercial',
    'poste': 'Représentant Commercial', 'nombre_experiences_precedentes': 1, 'annee_experience_totale': 3,
    'annees_dans_l_entreprise': 1, 'annees_dans_le_poste_actuel': 0, 'satisfaction_employee_environnement': 1,
    'note_evaluation_precedente': 2, 'niveau_hierarchique_poste': 1, 'satisfaction_employee_nature_travail': 2,
    'satisfaction_employee_equipe': 2, 'satisfaction_employee_equilibre_pro_perso': 1, 'note_evaluation_actuelle': 3,
    'heure_supplementaires': 'Oui', 'augementation_salaire_precedente': 12, 'nombre_participation_pee': 0,
    'nb_formations_suivies': 2, 'distance_domicile_travail': 24, 'niveau_education': 2, 'domaine_etude': 'Marketing',
    'frequence_deplacement': 'Frequent', 'annees_depuis_la_derniere_promotion': 0, 'annes_sous_responsable_actuel': 0,
}

EMPLOYEES: tuple[tuple[Text, dict], ...] = (
    (('Manager installée, sans heures supplémentaires', 'Settled manager, no overtime'), _STEADY),
    (('Cadre commercial peu satisfait de son travail', 'Sales executive not fond of the work'), _TORN),
    (('Jeune commercial débordé et souvent en déplacement', 'Overworked junior sales representative, often travelling'),
     _LEAVING),
)


def examples(pair: Pair, features: list[schema.Feature]) -> list[dict]:
    """The contract's examples, with the pipeline's probabilities."""
    names = [feature.name for feature in features]
    inputs = [{name: employee[name] for name in names} for _, employee in EMPLOYEES]
    probability = pipeline.predict(pair, pd.DataFrame(inputs, columns=names))
    return [
        {
            'label': {'fr': label[0], 'en': label[1]},
            'input': {name: plain(value) for name, value in values.items()},
            'probability': float(p),
        }
        for (label, _), values, p in zip(EMPLOYEES, inputs, probability)
    ]
