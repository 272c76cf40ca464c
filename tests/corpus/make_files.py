"""Writes fixtures/files.json: files as real tools write them, and what each must be read as.

    python make_files.py [PATH_OF_SOFFICE]

It needs pandas (the version of tests/clients/requirements.txt has it). LibreOffice writes its own files where its
command is given; without it, those that are there stay. The expected values are those that were put into a file,
never those that a reader read from it.
"""

import base64
import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas

OUTPUT = Path(__file__).parent / "fixtures" / "files.json"

NAMES = ["id_employee", "age", "statut_marital", "revenu_mensuel", "heure_supplementaires", "augementation_salaire_precedente"]
FRENCH = ["Matricule", "Âge", "Statut marital", "Revenu mensuel", "Heures supplémentaires", "Dernière augmentation"]
ENGLISH = ["Employee number", "Age", "Marital status", "Monthly income", "Overtime", "Last raise"]
UNITS = ["Matricule", "Âge (ans)", "Statut marital", "Revenu mensuel (€/mois)", "Heures supplémentaires", "Dernière augmentation (%)"]
SHOUTED = ["ID EMPLOYEE", "AGE", "STATUT-MARITAL", "REVENU  MENSUEL", "HEURE_SUPPLEMENTAIRES", "AUGEMENTATION SALAIRE PRECEDENTE"]
DECOMPOSED = ["Matricule", "A\u0302ge", "Statut marital", "Revenu mensuel", "Heures supple\u0301mentaires", "Dernie\u0300re augmentation"]
HEADERS = {"names": NAMES, "French labels": FRENCH, "English labels": ENGLISH}

ROWS = [
    [12, 41, "Marié(e)", 5993.5, "Oui", 11],
    [345, 28, "Célibataire", 9200, "Non", 15.5],
    [6789, 60, "Divorcé(e)", 1234.56, "Oui", 22],
]

files = []


def add(name, by, content, *, rows=ROWS, notes=(), lines=None, refused=None, charset=None, refused_rows=None):
    """One file: the rows it must be read as, or the rule by which it is refused as a whole."""
    data = content if isinstance(content, bytes) else content.encode("utf-8")
    entry = {"name": name, "by": by}
    try:
        text = data.decode("ascii")
        entry["text"] = text
    except UnicodeDecodeError:
        entry["base64"] = base64.b64encode(data).decode("ascii")
    if charset:
        entry["charset"] = charset
    if refused:
        entry["refused"] = refused
    else:
        entry["rows"] = rows
        entry["notes"] = list(notes)
        if lines:
            entry["lines"] = lines
        if refused_rows:
            entry["refusedRows"] = refused_rows
    files.append(entry)


def header_note(header):
    return [] if header == NAMES else ["column-recognised"]


def encoding_note(encoding):
    return [] if encoding.startswith("utf-8") else ["encoding"]


def frame(header=NAMES, rows=ROWS):
    return pandas.DataFrame(rows, columns=header)


def with_pandas():
    """DataFrame.to_csv in every delimiter, decimal sign, encoding and header that it is asked for."""
    for separator, decimal in [(",", "."), (";", "."), (";", ","), ("\t", "."), ("\t", ",")]:
        for encoding in ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"]:
            for title, header in HEADERS.items():
                text = frame(header).to_csv(index=False, sep=separator, decimal=decimal)
                shown = {"\t": "tabs"}.get(separator, separator)
                add(
                    f"{title}, {shown}, decimals with {decimal}, {encoding}",
                    "pandas",
                    text.encode(encoding),
                    notes=encoding_note(encoding) + header_note(header),
                )
    index = ["column-without-name"]
    for separator in [",", ";", "\t"]:
        add(f"the default index, {separator!r}", "pandas", frame().to_csv(sep=separator), notes=index)
    again = pandas.read_csv(io.StringIO(frame().to_csv()))
    add("an index that was read as a column", "pandas", again.to_csv(index=False), notes=["column-set-aside"])
    add("an index with a name", "pandas", frame().set_index("id_employee").to_csv())
    for ending in ["\n", "\r\n", "\r"]:
        add(f"lines that end in {ending!r}", "pandas", frame().to_csv(index=False, lineterminator=ending))
    for quoting, title in [(1, "everything"), (2, "all but numbers")]:
        for separator in [",", ";"]:
            add(f"quotes around {title}, {separator}", "pandas", frame().to_csv(index=False, quoting=quoting, sep=separator))
    floats = frame()
    floats["id_employee"] = floats["id_employee"].astype(float)
    floats["age"] = floats["age"].astype(float)
    add("numbers of employees and ages as floats", "pandas", floats.to_csv(index=False))
    add("floats with decimal commas", "pandas", floats.to_csv(index=False, sep=";", decimal=","))
    missing = [[None, *ROWS[0][1:]], *ROWS[1:]]
    add("a number that is missing, so that the others are floats", "pandas", frame(rows=missing).to_csv(index=False), rows=missing)
    add("two decimals", "pandas", frame().to_csv(index=False, float_format="%.2f"))
    booleans = frame()
    booleans["heure_supplementaires"] = booleans["heure_supplementaires"] == "Oui"
    add("True and False", "pandas", booleans.to_csv(index=False))
    extra = frame()
    extra.insert(1, "nom", ["Durand", "Lévy", "N'Diaye"])
    extra["ville"] = ["Nîmes", "Lyon", "Bourg-en-Bresse"]
    for encoding in ["utf-8", "cp1252", "utf-16"]:
        add(
            f"columns of its own, {encoding}",
            "pandas",
            extra.to_csv(index=False, sep=";").encode(encoding),
            notes=[*encoding_note(encoding), "column-set-aside"],
        )
    joined = frame().merge(pandas.DataFrame({"id_employee": [12, 345, 6789], "age_x": [1, 2, 3]}))
    add("a column that a merge renamed", "pandas", joined.to_csv(index=False), notes=["column-set-aside"])
    add("reordered columns", "pandas", frame()[NAMES[::-1]].to_csv(index=False))
    totals = pandas.concat([frame(), pandas.DataFrame([["Total", None, None, 16428.06, None, None]], columns=NAMES)])
    add("a total below", "pandas", totals.to_csv(index=False), notes=["total-line"])
    add("a mean below, under decimal commas", "pandas", totals.assign(id_employee=[*[row[0] for row in ROWS], "Moyenne"]).to_csv(index=False, sep=";", decimal=","), notes=["total-line"])
    add("no rows", "pandas", frame(rows=[]).to_csv(index=False), rows=[])
    add("a missing column", "pandas", frame().drop(columns="age").to_csv(index=False), refused=["required"])
    add("a missing column beside an unknown one", "pandas", frame().rename(columns={"age": "alter"}).to_csv(index=False), refused=["required", "unknown-field"])
    twice = frame()
    twice.insert(1, "Âge", [1, 2, 3])
    add("a column under its name and under its label", "pandas", twice.to_csv(index=False), refused=["given-once"])
    same = frame()
    same.insert(1, "x", [1, 2, 3])
    same.columns = ["id_employee", "age", *NAMES[1:]]
    add("a column twice", "pandas", same.to_csv(index=False), refused=["given-once"])
    for encoding in ["mac_roman", "cp850", "cp1250"]:
        text = frame(FRENCH).to_csv(index=False, sep=";").replace("Célibataire", "Célibataire")
        if encoding == "cp1250":
            text = text.replace("Âge", "Âge").replace("è", "e")
            # The accents of these labels are the same bytes in Windows-1250 and Windows-1252.
            add("accents that two Windows encodings share", "pandas", text.encode(encoding), notes=["encoding", "column-recognised"])
        else:
            add(f"{encoding}", "pandas", text.encode(encoding), refused=["encoding"])
    add("mac_roman, declared", "pandas", frame(FRENCH).to_csv(index=False).encode("mac_roman"), charset="macintosh", notes=["encoding", "column-recognised"])
    euros = frame(UNITS).to_csv(index=False, sep=";")
    add("labels with units, utf-8", "pandas", euros, notes=["column-recognised"])
    add("labels with units, cp1252", "pandas", euros.encode("cp1252"), notes=["encoding", "column-recognised"])
    add("labels with units, iso-8859-15", "pandas", euros.encode("iso-8859-15"), refused=["encoding"])
    add("labels with units, iso-8859-15, declared", "pandas", euros.encode("iso-8859-15"), charset="iso-8859-15", notes=["encoding", "column-recognised"])
    for charset in ["windows-1252", "latin1", "CP1252"]:
        add(f"declared as {charset}", "pandas", frame().to_csv(index=False).encode("cp1252"), charset=charset, notes=["encoding"])
    add("declared as UTF-8, untruly", "pandas", frame().to_csv(index=False).encode("cp1252"), charset="utf-8", refused=["encoding"])
    thousands = frame(UNITS[:3] + ["Revenu mensuel (k€)"] + UNITS[4:])
    add("an income in thousands", "pandas", thousands.to_csv(index=False), refused=["required", "unknown-field"])
    add("a raise in euros", "pandas", frame(UNITS[:5] + ["Dernière augmentation (€)"]).to_csv(index=False), refused=["required", "unknown-field"])
    for title, header in {"shouted": SHOUTED, "decomposed": DECOMPOSED, "with units": UNITS}.items():
        for separator, decimal in [(",", "."), (";", ",")]:
            add(f"header {title}, {separator}", "pandas", frame(header).to_csv(index=False, sep=separator, decimal=decimal), notes=["column-recognised"])


def with_r():
    """As R writes: write.csv, write.csv2 and write.table quote texts, and put the names of rows before them."""

    def written(separator, decimal, row_names, na="NA", rows=ROWS):
        def cell(value):
            if value is None:
                return na
            return f'"{value}"' if isinstance(value, str) else str(value).replace(".", decimal)

        lines = [separator.join(([ '""' ] if row_names else []) + [f'"{name}"' for name in NAMES])]
        for i, row in enumerate(rows):
            lines.append(separator.join(([f'"{i + 1}"'] if row_names else []) + [cell(value) for value in row]))
        return "\n".join(lines) + "\n"

    for encoding in ["utf-8", "cp1252"]:
        for title, separator, decimal in [("write.csv", ",", "."), ("write.csv2", ";", ","), ("write.table, tabs", "\t", ".")]:
            for row_names in [True, False]:
                add(
                    f"{title}, {'names of rows' if row_names else 'row.names = FALSE'}, {encoding}",
                    "R",
                    written(separator, decimal, row_names).encode(encoding),
                    notes=encoding_note(encoding) + (["column-without-name"] if row_names else []),
                )
    blank = [[None, *ROWS[0][1:]], *ROWS[1:]]
    add('write.csv2, na = ""', "R", written(";", ",", False, na="", rows=blank), rows=blank)


def excel(header, rows, separator, ending="\r\n"):
    return ending.join(separator.join(str(cell) for cell in row) for row in [header, *rows]) + ending


def with_excel():
    """As Excel saves: cells as they are shown, CRLF, no quotes but where they are needed."""
    shown = [["12", "41", "Marié(e)", "5993,5", "Oui", "11%"], ["345", "28", "Célibataire", "9200", "Non", "15,5%"], ["6789", "60", "Divorcé(e)", "1234,56", "Oui", "22%"]]
    english = [[cell.replace(",", ".") for cell in row] for row in shown]
    kinds = [
        ("CSV (séparateur : point-virgule)", ";", shown, "cp1252"),
        ("CSV UTF-8", ";", shown, "utf-8-sig"),
        ("Texte Unicode", "\t", shown, "utf-16"),
        ("Texte (séparateur : tabulation)", "\t", shown, "cp1252"),
        ("CSV (comma delimited)", ",", english, "cp1252"),
        ("CSV UTF-8, English", ",", english, "utf-8-sig"),
        ("Unicode Text, English", "\t", english, "utf-16"),
    ]
    for kind, separator, cells, encoding in kinds:
        noted = encoding_note(encoding)
        for title, header in HEADERS.items():
            add(f"{kind}, {title}", "Excel", excel(header, cells, separator).encode(encoding), notes=noted + header_note(header))
        add(f"{kind}, sep= first", "Excel", f"sep={separator}\r\n{excel(NAMES, cells, separator)}".encode(encoding), notes=noted, lines=[3, 4, 5])
        title = excel(["Effectif", *[""] * 5], [[""] * 6, NAMES, *cells], separator)
        add(f"{kind}, a title above", "Excel", title.encode(encoding), notes=[*noted, "above-header"], lines=[4, 5, 6])
        emptied = excel(NAMES, [*cells, [""] * 6, [""] * 6], separator)
        add(f"{kind}, emptied rows below", "Excel", emptied.encode(encoding), notes=noted)
        padded = excel([*NAMES, "", ""], [[*row, "", ""] for row in cells], separator)
        add(f"{kind}, two empty columns", "Excel", padded.encode(encoding), notes=[*noted, "column-without-name"])
        total = excel(NAMES, [*cells, ["Total", "", "", "16428", "", ""]], separator)
        add(f"{kind}, a total below", "Excel", total.encode(encoding), notes=[*noted, "total-line"])
    add("a title that nothing pads", "Excel", f"Effectif, novembre\r\nSource : paie\r\n\r\n{excel(FRENCH, shown, ';')}", notes=["above-header", "column-recognised"], lines=[5, 6, 7])
    add('quoted "sep=;"', "Excel", f'"sep=;"\r\n{excel(NAMES, shown, ";")}', lines=[3, 4, 5])
    grouped = [[*row[:3], spelled, *row[4:]] for row, spelled in zip(shown, ["5\u202f993,50", "9\u202f200,00", "1\u202f234,56"])]
    add("thousands with narrow spaces", "Excel", excel(NAMES, grouped, ";"))
    spaced = [[*row[:3], spelled, *row[4:]] for row, spelled in zip(shown, ["5\u00a0993,50", "9\u00a0200,00", "1\u00a0234,56"])]
    add("thousands with spaces that do not break, cp1252", "Excel", excel(NAMES, spaced, ";").encode("cp1252"), notes=["encoding"])
    points = [[*row[:3], spelled, *row[4:]] for row, spelled in zip(shown, ["5.993,50", "9.200,00", "1.234,56"])]
    add("thousands with points", "Excel", excel(NAMES, points, ";"))
    mixed = [[*row[:3], spelled, *row[4:]] for row, spelled in zip(shown, ["5993,5", "9.200", "1.234,56"])]
    add("a comma that says what the points are", "Excel", excel(NAMES, mixed, ";"))
    open_rows = [[*row[:3], "9.200", *row[4:]] for row in shown[:1]]
    add("a point that may be either", "Excel", excel(NAMES, open_rows, ";"), rows=[], refused_rows={"2": "type"})
    add("fewer cells where the last columns have no name", "Excel", excel([*NAMES, "", ""], shown, ";"), notes=["column-without-name"])
    add("cells beyond the header that are empty", "Excel", excel(NAMES, [[*row, "", ""] for row in shown], ";"))
    stray = [[*shown[0], "", ""], [*shown[1], "?", ""], [*shown[2], "", ""]]
    add("a value where no column has a name", "Excel", excel([*NAMES, "", ""], stray, ";"), rows=[ROWS[0], ROWS[2]], notes=["column-without-name"], refused_rows={"3": "cell-count"})
    shifted = excel(NAMES, [["12", "41", "Marié(e)", "5993", "5", "Oui", "11"], *english[1:]], ",")
    add("a decimal comma between commas", "Excel", shifted, rows=ROWS[1:], refused_rows={"2": "cell-count"})
    subtotals = [shown[0], ["Sous-total", "", "", "5993,5", "", ""], *shown[1:], ["Total général", "", "", "16428,06", "", ""]]
    add("subtotals between", "Excel", excel(NAMES, subtotals, ";"), notes=["total-line"], lines=[2, 4, 5])
    truths = [[*row[:4], {"Oui": "VRAI", "Non": "FAUX"}[row[4]], row[5]] for row in shown]
    add("VRAI and FAUX, cp1252", "Excel", excel(FRENCH, truths, ";").encode("cp1252"), notes=["encoding", "column-recognised"])
    blanks = [[f" {row[0]} ", row[1], f"{row[2]}\u00a0", *row[3:]] for row in shown]
    add("blanks around", "Excel", excel(NAMES, blanks, ";"))
    add("Mac, CSV", "Excel", excel(NAMES, shown, ";", "\r").encode("mac_roman"), refused=["encoding"])
    add("a workbook of Excel 97", "Excel", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(64), refused=["encoding"])
    add("typographic signs beside accents, cp1252", "Excel", excel([*NAMES, "Note"], [[*row, "L’œuvre – « n° 1 » … 10 €"] for row in shown], ";").encode("cp1252"), notes=["encoding", "column-set-aside"])
    cyrillic = excel([*NAMES, "Имя"], [[*row, "Привет"] for row in english], ",").replace("é", "e")
    add("another alphabet", "Excel", cyrillic.encode("cp1251"), refused=["encoding"])
    add("UTF-8 that ends in Windows-1252", "Excel", excel(NAMES, shown, ";").encode("utf-8") + "13;41;Marié(e);1;Oui;11\r\n".encode("cp1252"), refused=["encoding"])
    add("nothing", "Excel", b"", refused=["header"])
    add("a mark alone", "Excel", b"\xef\xbb\xbf", refused=["header"])
    add("blank rows alone", "Excel", ";;;;;\r\n;;;;;\r\n", refused=["header"])


LOCALE_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>{language}</value></prop></item>
</oor:items>
"""


def with_libreoffice(command):
    """Real exports: token 1 is the delimiter, 2 the quote, 3 the charset, 10 whether cells are saved as they are shown.

    https://wiki.documentfoundation.org/Documentation/DevGuide/Spreadsheet_Documents#Filter_Options_for_the_CSV_Filter
    """
    charsets = {"utf-8": 76, "cp1252": 1, "utf-16": 65535}
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "team.csv"
        for title, header in HEADERS.items():
            source.write_text(frame(header).to_csv(index=False), encoding="utf-8")
            for language, separator in [("en-US", ","), ("fr-FR", ";"), ("fr-FR", "\t")]:
                settings = Path(folder) / f"profile-{language}" / "user" / "registrymodifications.xcu"
                settings.parent.mkdir(parents=True, exist_ok=True)
                settings.write_text(LOCALE_SETTINGS.format(language=language))
                for encoding in ["utf-8", "cp1252"]:
                    options = f"{ord(separator)},34,{charsets[encoding]},1,,0,false,true,false"
                    subprocess.run(
                        [
                            command,
                            f"-env:UserInstallation=file://{folder}/profile-{language}",
                            "--headless",
                            "--infilter=CSV:44,34,76,1,,1033",
                            "--convert-to",
                            f"csv:Text - txt - csv (StarCalc):{options}",
                            "--outdir",
                            f"{folder}/out",
                            str(source),
                        ],
                        check=True,
                        capture_output=True,
                        timeout=120,
                    )
                    content = (Path(folder) / "out" / "team.csv").read_bytes()
                    shown = {"\t": "tabs"}.get(separator, separator)
                    add(f"{title}, {shown}, {language}, {encoding}", "LibreOffice", content, notes=encoding_note(encoding) + header_note(header))


before = json.loads(OUTPUT.read_text("utf-8")) if OUTPUT.exists() else []
with_pandas()
with_r()
with_excel()
if len(sys.argv) > 1:
    with_libreoffice(sys.argv[1])
else:
    files += [file for file in before if file["by"] == "LibreOffice"]
names = [(file["by"], file["name"]) for file in files]
assert len(set(names)) == len(names), "two files have one name"
OUTPUT.write_text("[\n" + ",\n".join(json.dumps(file, ensure_ascii=False) for file in files) + "\n]\n", "utf-8")
print(len(files), "files,", OUTPUT.stat().st_size, "bytes")
