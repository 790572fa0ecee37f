import type { Texts } from '../texts.js';

const sv = {
  loading: 'Hämtar …',
  tryAgain: 'Försök igen',
  showAsTable: 'Visa som tabell',
  sortBy: 'Sortera efter',
  sortAscending: 'stigande',
  sortDescending: 'fallande',
  scrollable: 'Tabell som kan rullas i sidled: {{caption}}',
  age: {
    now: 'nyss',
    seconds: '{{count}} s sedan',
    minutes: '{{count}} min sedan',
    hours: '{{count}} h sedan',
    days_one: '{{count}} dygn sedan',
    days_other: '{{count}} dygn sedan',
    never: 'aldrig',
  },
  coverage: {
    full_one: 'Baserat på {{reporting}} av {{count}} apparat, inga luckor',
    full_other: 'Baserat på {{reporting}} av {{count}} apparater, inga luckor',
    gaps_one: 'Baserat på {{reporting}} av {{count}} apparat, {{gaps}} luckor',
    gaps_other: 'Baserat på {{reporting}} av {{count}} apparater, {{gaps}} luckor',
    none: 'Inga apparater förväntas rapportera',
  },
  signal: {
    connected: 'Ansluten',
    notConnected: 'Ej ansluten',
    reporting: 'Rapporterar',
    silent: 'Tyst',
    notReporting: 'Rapporterar inte',
    neverSeen: 'Aldrig hörd av',
    seenBefore: 'Har hörts av',
  },
};

const en: Texts<typeof sv> = {
  loading: 'Loading …',
  tryAgain: 'Try again',
  showAsTable: 'Show as table',
  sortBy: 'Sort by',
  sortAscending: 'ascending',
  sortDescending: 'descending',
  scrollable: 'Table that scrolls sideways: {{caption}}',
  age: {
    now: 'just now',
    seconds: '{{count}} s ago',
    minutes: '{{count}} min ago',
    hours: '{{count}} h ago',
    days_one: '{{count}} day ago',
    days_other: '{{count}} days ago',
    never: 'never',
  },
  coverage: {
    full_one: 'Based on {{reporting}} of {{count}} device, no gaps',
    full_other: 'Based on {{reporting}} of {{count}} devices, no gaps',
    gaps_one: 'Based on {{reporting}} of {{count}} device, {{gaps}} of gaps',
    gaps_other: 'Based on {{reporting}} of {{count}} devices, {{gaps}} of gaps',
    none: 'No devices are expected to report',
  },
  signal: {
    connected: 'Connected',
    notConnected: 'Not connected',
    reporting: 'Reporting',
    silent: 'Silent',
    notReporting: 'Not reporting',
    neverSeen: 'Never seen',
    seenBefore: 'Has been seen',
  },
};

export const parts = { sv, en };
