import type { Texts } from '../texts.js';

const sv = {
  title: 'Inmatat för hand',
  lead: 'För det som apparaten inte har kunnat rapportera. Räknas, och märks som inmatat för hand.',
  none: 'Inget är inmatat för hand.',
  share: '{{manual}} av {{usages}} användningar de senaste 30 dagarna är inmatade för hand.',
  enter: 'Mata in användning',
  enterTitle: 'Mata in användning för {{assetTag}}',
  why: 'Varför det matas in för hand',
  row: 'Användning {{number}}',
  add: 'En användning till',
  metric: 'Mått',
  at: 'När',
  until: 'Till',
  value: 'Värde',
  seconds: 'Längd',
  unknown: 'Vet inte',
  outcome: 'Läge',
  outcomeText: { waiting: 'På väg', taken: 'Räknad', refused: 'Avvisad' },
  by: 'Inmatad av',
  refusal: 'Serverns ord: {{reason}}',
};

const en: Texts<typeof sv> = {
  title: 'Entered by hand',
  lead: 'For what the device could not report. It counts, and is marked as entered by hand.',
  none: 'Nothing has been entered by hand.',
  share: '{{manual}} of {{usages}} uses in the last 30 days were entered by hand.',
  enter: 'Enter use',
  enterTitle: 'Enter use for {{assetTag}}',
  why: 'Why it is entered by hand',
  row: 'Use {{number}}',
  add: 'One more use',
  metric: 'Metric',
  at: 'When',
  until: 'Until',
  value: 'Value',
  seconds: 'Length',
  unknown: 'Not known',
  outcome: 'State',
  outcomeText: { waiting: 'On its way', taken: 'Counted', refused: 'Refused' },
  by: 'Entered by',
  refusal: 'The server’s words: {{reason}}',
};

export const entries = { sv, en };
