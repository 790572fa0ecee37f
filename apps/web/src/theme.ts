import { Anchor, Badge, createTheme, type CSSVariablesResolver } from '@mantine/core';

const FONT = "'Inter Variable', system-ui, sans-serif";

/** The list itself scrolls, so that assistive technology knows the scrolling part as the field's own. */
const SCROLLING_LIST = {
  defaultProps: { withScrollArea: false },
  styles: { options: { maxHeight: 320, overflowY: 'auto' as const } },
};

/** Calm, one accent colour; the shades are those with which every text reaches WCAG 2.2 AA in both schemes. */
export const theme = createTheme({
  primaryColor: 'blue',
  primaryShade: { light: 8, dark: 8 },
  fontFamily: FONT,
  headings: { fontFamily: FONT, fontWeight: '650' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Badge: Badge.extend({ defaultProps: { tt: 'none', fw: 600 } }),
    Anchor: Anchor.extend({ defaultProps: { underline: 'always' } }),
    // Options stay inside the page's landmarks, beside the field they belong to.
    Combobox: { defaultProps: { withinPortal: false } },
    Select: SCROLLING_LIST,
    MultiSelect: SCROLLING_LIST,
  },
});

/** Mantine's own dimmed text, placeholders and input borders are too faint for AA (4.5:1 and 3:1). */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': 'var(--mantine-color-gray-7)',
    '--mantine-color-placeholder': 'var(--mantine-color-gray-7)',
    '--mantine-color-error': 'var(--mantine-color-red-9)',
    '--input-bd': 'var(--mantine-color-gray-6)',
    '--surface': 'var(--mantine-color-white)',
    '--surface-sunken': 'var(--mantine-color-gray-0)',
    '--line': 'var(--mantine-color-gray-3)',
    '--accent': 'var(--mantine-color-blue-8)',
    '--accent-soft': 'var(--mantine-color-blue-1)',
    '--plan': 'var(--mantine-color-gray-7)',
    '--good': 'var(--mantine-color-teal-9)',
    '--warn': '#a14700',
  },
  dark: {
    '--mantine-color-dimmed': 'var(--mantine-color-dark-1)',
    '--mantine-color-placeholder': 'var(--mantine-color-dark-1)',
    '--mantine-color-error': 'var(--mantine-color-red-4)',
    '--input-bd': 'var(--mantine-color-gray-6)',
    '--surface': 'var(--mantine-color-dark-6)',
    '--surface-sunken': 'var(--mantine-color-dark-8)',
    '--line': 'var(--mantine-color-dark-4)',
    '--accent': 'var(--mantine-color-blue-4)',
    '--accent-soft': '#12344f',
    '--plan': 'var(--mantine-color-dark-1)',
    '--good': 'var(--mantine-color-teal-4)',
    '--warn': 'var(--mantine-color-orange-4)',
  },
});
