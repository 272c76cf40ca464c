import { describe, expect, it } from 'vitest';
import { readSection, releaseSection } from './changelog.ts';

const CHANGELOG = `# Changelog

## [Unreleased]

### Added

- A thing, see [the other one](#other).

## [1.1.0] - 2026-02-01

### Fixed

- An older thing.

## 1.0.0

- The first.
`;
const LINKS = `
[unreleased]: https://example.org/acme/app/compare/v1.1.0...HEAD
[1.1.0]: https://example.org/acme/app/compare/v1.0.0...v1.1.0
`;
const release = (text: string, version = '1.2.0') => releaseSection(text, version, '2026-03-04');

describe('readSection', () => {
  it('reads what stands under a version', () => {
    expect(readSection(CHANGELOG, '1.1.0')).toBe('### Fixed\n\n- An older thing.');
    expect(readSection(CHANGELOG, '1.0.0')).toBe('- The first.');
    expect(readSection(CHANGELOG + LINKS, '1.0.0')).toBe('- The first.');
    expect(readSection(CHANGELOG, '1.1')).toBeUndefined();
    expect(readSection(CHANGELOG, '2.0.0')).toBeUndefined();
  });
});

describe('releaseSection', () => {
  it('moves the unreleased entries under the version, and leaves the rest as it is', () => {
    expect(release(CHANGELOG)).toEqual({
      text: CHANGELOG.replace('## [Unreleased]\n', '## [Unreleased]\n\n## [1.2.0] - 2026-03-04\n'),
    });
  });

  it('keeps compare links up to date where there are any', () => {
    const released = release(CHANGELOG + LINKS);
    expect('text' in released && released.text.split('\n').slice(-4)).toEqual([
      '[unreleased]: https://example.org/acme/app/compare/v1.2.0...HEAD',
      '[1.2.0]: https://example.org/acme/app/compare/v1.1.0...v1.2.0',
      '[1.1.0]: https://example.org/acme/app/compare/v1.0.0...v1.1.0',
      '',
    ]);
  });

  it("keeps a file's line breaks", () => {
    const released = release((CHANGELOG + LINKS).replaceAll('\n', '\r\n'));
    const unix = release(CHANGELOG + LINKS);
    expect('text' in released && 'text' in unix && released.text === unix.text.replaceAll('\n', '\r\n')).toBe(true);
  });

  it.each([
    ['no section', '# Changelog\n', 'it has no section "## [Unreleased]"'],
    ['an empty section', '## [Unreleased]\n\n## [1.1.0]\n- x\n', 'its section "## [Unreleased]" is empty'],
    ['headings only', '## [Unreleased]\n### Added\n\n<!-- to do -->\n', 'its section "## [Unreleased]" is empty'],
    ['links only', `## [Unreleased]\n${LINKS}`, 'its section "## [Unreleased]" is empty'],
    ['the version', '## [Unreleased]\n- x\n## [1.2.0]\n- y\n', 'it has a section 1.2.0 already'],
  ])('refuses %s', (_, text, problem) => {
    expect(release(text)).toEqual({ problem });
  });
});
