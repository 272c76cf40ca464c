/**
 * Reads and edits a changelog in the format of Keep a Changelog 1.1.0: a heading `## [X.Y.Z] - YYYY-MM-DD` for each version
 * and `## [Unreleased]` above them, and below, where there are any, links `[X.Y.Z]: …/compare/vA...vB`.
 */

const UNRELEASED = 'Unreleased';
const HEADING = /^## +\[?([^\]\s]+)\]?.*$/gm;
const LINK_DEFINITION = /^\[[^\]]+\]: *\S+[ \t]*$/gm;
const UNRELEASED_LINK = /^\[unreleased\]: *(\S*\/compare\/)(\S+)\.\.\.HEAD[ \t]*$/im;
const ENTRY = /^(?!#|<!--)\S/m;

/** Where a section's heading starts, where its content starts, and where the next section does; indices into the text. */
type Section = { start: number; bodyStart: number; end: number };

/** What stands under a version's heading, without blank lines around it and without link definitions. */
export function readSection(text: string, version: string): string | undefined {
  const section = findSection(text, version);
  return section && text.slice(section.bodyStart, section.end).replace(LINK_DEFINITION, '').trim();
}

/** Moves what is under Unreleased to a section of its own and leaves Unreleased empty; or says why it cannot. */
export function releaseSection(text: string, version: string, date: string): { text: string } | { problem: string } {
  const section = findSection(text, UNRELEASED);
  const notes = readSection(text, UNRELEASED);
  if (!section || notes === undefined) return { problem: `it has no section "## [${UNRELEASED}]"` };
  if (findSection(text, version)) return { problem: `it has a section ${version} already` };
  if (!hasEntry(notes)) return { problem: `its section "## [${UNRELEASED}]" is empty` };
  const lineBreak = text.includes('\r\n') ? '\r\n' : '\n';
  const heading = text.slice(section.start, section.bodyStart).trimEnd();
  const moved =
    text.slice(0, section.start) +
    [heading, '', `## [${version}] - ${date}`].join(lineBreak) +
    text.slice(section.start + heading.length);
  return { text: addLink(moved, version, lineBreak) };
}

/** Whether a section says anything beside headings and comments. */
export function hasEntry(section: string): boolean {
  return ENTRY.test(section);
}

function addLink(text: string, version: string, lineBreak: string): string {
  return text.replace(
    UNRELEASED_LINK,
    (_, compare: string, previous: string) =>
      `[unreleased]: ${compare}v${version}...HEAD${lineBreak}[${version}]: ${compare}${previous}...v${version}`,
  );
}

function findSection(text: string, name: string): Section | undefined {
  const headings = [...text.matchAll(HEADING)];
  const index = headings.findIndex(([, title]) => title?.toLowerCase() === name.toLowerCase());
  const found = headings[index];
  if (!found) return undefined;
  return {
    start: found.index,
    bodyStart: found.index + found[0].length,
    end: headings[index + 1]?.index ?? text.length,
  };
}
