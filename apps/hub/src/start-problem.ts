/** The installation cannot start or go on; the message is for the person at the terminal and says how to mend it. */
export class StartProblem extends Error {
  override readonly name = 'StartProblem';
}
