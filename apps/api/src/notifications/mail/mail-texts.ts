import type { NotificationData, NotificationKind } from '#domain';

export type Locale = 'sv' | 'en';

type Telling = { readonly [Kind in NotificationKind]: (data: NotificationData[Kind]) => string };

/** The words of mails. The pages have their own catalogue; what is said here must make sense away from them. */
export interface MailTexts {
  greeting: (name: string) => string;
  /** The heading of a mail that tells of several. */
  several: (count: number) => string;
  more: (count: number) => string;
  open: string;
  all: string;
  why: string;
  preferences: string;
  kind: Telling;
  link: Record<'invitation' | 'password_reset', LinkTexts>;
}

interface LinkTexts {
  subject: string;
  lead: (by: { municipality: string }) => string;
  button: string;
  until: (time: string) => string;
  ignore: string;
}

const sv: MailTexts = {
  greeting: (name) => `Hej ${name}!`,
  several: (count) => `${count} nya notiser`,
  more: (count) => `… och ${count} till.`,
  open: 'Öppna',
  all: 'Alla dina notiser',
  why: 'Du får detta för att du har en roll där det hände, och har valt e-post för sådant.',
  preferences: 'Välj vad du får och när',
  kind: {
    device_refused: ({ assetTag, code }) => `Meddelanden från ${assetTag} avvisas (${code})`,
    lost_device_speaks: ({ assetTag }) => `${assetTag} är anmäld som förlorad, men hörs av`,
    device_silent: ({ assetTag }) => `${assetTag} har tystnat`,
    battery_low: ({ assetTag, battery }) => `Lågt batteri i ${assetTag}: ${battery} %`,
    canary_silent: () => 'Testapparaten hörs inte: mätdata når kanske inte fram',
    ingest_degraded: ({ weeksAhead }) => `Mottagningen saknar plats framåt: ${weeksAhead} veckor kvar`,
    job_failed: ({ job, failing }) => `Ett bakgrundsjobb misslyckas: ${job} (${failing})`,
  },
  link: {
    invitation: {
      subject: 'Välkommen till Nyttospår',
      lead: ({ municipality }) =>
        `Du är inbjuden till Nyttospår i ${municipality}. Välj ett lösenord för att komma in.`,
      button: 'Välj lösenord',
      until: (time) => `Länken gäller en gång, till ${time}.`,
      ignore: 'Väntade du dig inte detta kan du låta brevet vara.',
    },
    password_reset: {
      subject: 'Nytt lösenord i Nyttospår',
      lead: ({ municipality }) =>
        `En administratör i ${municipality} har gett dig en länk för att välja ett nytt lösenord i Nyttospår.`,
      button: 'Välj nytt lösenord',
      until: (time) => `Länken gäller en gång, till ${time}. Ditt gamla lösenord gäller tills du har valt ett nytt.`,
      ignore: 'Har du inte bett om det: låt brevet vara och säg till administratören.',
    },
  },
};

const en: MailTexts = {
  greeting: (name) => `Hello ${name},`,
  several: (count) => `${count} new notifications`,
  more: (count) => `… and ${count} more.`,
  open: 'Open',
  all: 'All your notifications',
  why: 'You get this because you have a role where it happened, and have chosen e-mail for it.',
  preferences: 'Choose what you get and when',
  kind: {
    device_refused: ({ assetTag, code }) => `Messages from ${assetTag} are refused (${code})`,
    lost_device_speaks: ({ assetTag }) => `${assetTag} is reported lost, but is heard`,
    device_silent: ({ assetTag }) => `${assetTag} has fallen silent`,
    battery_low: ({ assetTag, battery }) => `Low battery in ${assetTag}: ${battery}%`,
    canary_silent: () => 'The test device is not heard: measurements may not be arriving',
    ingest_degraded: ({ weeksAhead }) => `Reception is short of room ahead: ${weeksAhead} weeks left`,
    job_failed: ({ job, failing }) => `A background job is failing: ${job} (${failing})`,
  },
  link: {
    invitation: {
      subject: 'Welcome to Nyttospår',
      lead: ({ municipality }) => `You are invited to Nyttospår in ${municipality}. Choose a password to come in.`,
      button: 'Choose a password',
      until: (time) => `The link works once, until ${time}.`,
      ignore: 'If you did not expect this, let it be.',
    },
    password_reset: {
      subject: 'New password in Nyttospår',
      lead: ({ municipality }) =>
        `An administrator of ${municipality} has given you a link to choose a new password in Nyttospår.`,
      button: 'Choose a new password',
      until: (time) => `The link works once, until ${time}. Your old password holds until you have chosen a new one.`,
      ignore: 'If you have not asked for it, let it be and tell the administrator.',
    },
  },
};

export const MAIL_TEXTS: Readonly<Record<Locale, MailTexts>> = { sv, en };
