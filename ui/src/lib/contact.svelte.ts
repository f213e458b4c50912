/** Whether the server answers: it is lost from the first request that nobody answered to the next one that somebody does. */

class Contact {
  lost = $state(false);
  /** Called when the server answers again. */
  onback: () => void = () => undefined;

  note(answered: boolean): void {
    const before = this.lost;
    this.lost = !answered;
    if (before && answered) this.onback();
  }
}

export const contact = new Contact();
