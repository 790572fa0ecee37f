/** Names of fields that say who somebody is, in Swedish and English, written without separators. */
const FIELD_NAMES = new Set(
  `name firstname lastname surname fullname givenname familyname username user userid displayname patient patientname
  resident client clientname person personname personid personalnumber personalid ssn birthdate dateofbirth email mail
  phone phonenumber mobile address street namn fornamn efternamn anvandare anvandarnamn patientnamn boende brukare
  brukarnamn kund personnummer personnr pnr samordningsnummer fodelsedatum epost telefon telefonnummer mobil
  mobilnummer adress gatuadress anstalld anstallningsnummer hsaid`.split(/\s+/),
);

/** Looks behind, so that a long text is not read once for each of its characters. */
const EMAIL = /(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.[a-z]{2,}/i;
const SWEDISH_PHONE = /(?<![\d.])(?:\+46|0046|0)[\s-]?7[\d\s-]{8,11}(?![\d.])/;
const PERSONAL_NUMBER = /(?<!\d)(?:19|20)?(\d{6})[-+]?(\d{4})(?!\d)/g;

/** What looks as if it told who somebody is: the path of each such field with the kind, never its value. */
export function findPersonalData(content: unknown, path = ''): string[] {
  if (typeof content === 'string') return kindsOf(content).map((kind) => `${path || 'payload'} (${kind})`);
  if (typeof content !== 'object' || content === null) return [];
  return Object.entries(content).flatMap(([name, value]) => {
    const here = Array.isArray(content) ? `${path}[${name}]` : `${path}${path && '.'}${name}`;
    const named = !Array.isArray(content) && FIELD_NAMES.has(plain(name)) ? [`${here} (field name)`] : [];
    return [...named, ...findPersonalData(value, here)];
  });
}

/** Lower case, without accents and separators: `Förnamn`, `for_namn` → `fornamn`. */
function plain(name: string): string {
  return name
    .normalize('NFD')
    .replaceAll(/[^\p{L}\d]/gu, '')
    .toLowerCase();
}

function kindsOf(text: string): string[] {
  const kinds: string[] = [];
  if (EMAIL.test(text)) kinds.push('e-mail');
  if (SWEDISH_PHONE.test(text)) kinds.push('phone');
  if ([...text.matchAll(PERSONAL_NUMBER)].some(([, day = '', rest = '']) => isPersonalNumber(day + rest))) {
    kinds.push('personnummer');
  }
  return kinds;
}

/** A date (days + 60 in a samordningsnummer) and the Luhn digit of Skatteverket's SKV 704. */
function isPersonalNumber(digits: string): boolean {
  const [month, day] = [Number(digits.slice(2, 4)), Number(digits.slice(4, 6)) % 60];
  if (month < 1 || month > 12 || day < 1 || day > 31) return false;
  const sum = [...digits].reduce((total, digit, index) => {
    const doubled = Number(digit) * (index % 2 === 0 ? 2 : 1);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}
