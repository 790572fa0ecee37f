/**
 * The text of one element of a JSON array, also of one whose end is missing; the text itself when it is no array. Null
 * when the element is not whole. The text must be the beginning of valid JSON: it was decoded when it was refused.
 */
export function storedElement(text: string, element: number): string | null {
  const start = text.search(/\S/);
  if (text[start] !== '[') return text;
  let [depth, index, from] = [0, 0, start + 1];
  for (let at = start + 1; at < text.length; at += 1) {
    const letter = text[at];
    if (letter === '"') at = endOfString(text, at);
    else if (letter === '[' || letter === '{') depth += 1;
    else if (depth > 0 && (letter === ']' || letter === '}')) depth -= 1;
    else if (depth === 0 && (letter === ',' || letter === ']')) {
      if (index === element) return text.slice(from, at).trim() || null;
      index += 1;
      from = at + 1;
    }
  }
  return null;
}

/** The place of the closing quotation mark; beyond the text when it is missing. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at;
  }
  return text.length;
}
