/** The ways in beside MQTT. */
export const INBOX_SOURCES = ['http', 'csv', 'manual', 'replay'] as const;

export type InboxSource = (typeof INBOX_SOURCES)[number];

/** What has become of something on its way to being counted: on its way, counted (or counted before), or refused. */
export const INBOX_OUTCOMES = ['waiting', 'taken', 'refused'] as const;

export type InboxOutcome = (typeof INBOX_OUTCOMES)[number];

/** A file of usages: being read as it is uploaded, checked line by line, sending its lines to the inbox, all sent. */
export const IMPORT_STATUSES = ['reading', 'checked', 'sending', 'sent'] as const;

export type ImportStatus = (typeof IMPORT_STATUSES)[number];
