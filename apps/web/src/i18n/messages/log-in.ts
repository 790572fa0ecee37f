import type { Texts } from '../texts.js';

const sv = {
  title: 'Logga in',
  lead: 'Provningar av välfärdsteknik, med nyttan räknad från verklig användning.',
  email: 'E-postadress',
  password: 'Lösenord',
  newPassword: 'Välj ett lösenord',
  passwordHint: 'Minst 12 tecken. En mening är lättare att minnas än krångliga tecken.',
  submit: 'Logga in',
  linkTitle: 'Engångslänk',
  setUpTitle: 'Kom igång',
  setUpLead: 'Skapa kommunen och dess första administratör. Länken gäller till {{until}} och kan användas en gång.',
  municipality: 'Kommunens namn',
  timeZone: 'Tidszon',
  yourName: 'Ditt namn',
  create: 'Skapa kommunen',
  invitationTitle: 'Välkommen, {{name}}',
  invitationTitleNameless: 'Välkommen',
  invitationLead: 'Du är inbjuden som {{email}}. Välj ett lösenord för att logga in. Länken gäller till {{until}}.',
  accept: 'Spara och logga in',
  resetTitle: 'Nytt lösenord',
  resetLead:
    'Välj ett nytt lösenord för {{email}}. Det gamla slutar gälla, och du loggas ut där du är inloggad. Länken gäller till {{until}}.',
};

const en: Texts<typeof sv> = {
  title: 'Log in',
  lead: 'Trials of welfare technology, with benefit counted from real use.',
  email: 'E-mail address',
  password: 'Password',
  newPassword: 'Choose a password',
  passwordHint: 'At least 12 characters. A sentence is easier to remember than odd characters.',
  submit: 'Log in',
  linkTitle: 'One-time link',
  setUpTitle: 'Get started',
  setUpLead: 'Create the municipality and its first administrator. The link is valid until {{until}} and works once.',
  municipality: 'Name of the municipality',
  timeZone: 'Time zone',
  yourName: 'Your name',
  create: 'Create the municipality',
  invitationTitle: 'Welcome, {{name}}',
  invitationTitleNameless: 'Welcome',
  invitationLead: 'You are invited as {{email}}. Choose a password to log in. The link is valid until {{until}}.',
  accept: 'Save and log in',
  resetTitle: 'New password',
  resetLead:
    'Choose a new password for {{email}}. The old one ends, and you are logged out wherever you are logged in. The link is valid until {{until}}.',
};

export const logIn = { sv, en };
