/** Something that is asked of the server: whether it is on its way, and what went wrong with it last. */
export class Attempt {
  busy = $state(false);
  failure = $state.raw<unknown>(null);

  async make(change: () => Promise<unknown>): Promise<void> {
    this.busy = true;
    this.failure = null;
    try {
      await change();
    } catch (error) {
      this.failure = error;
    } finally {
      this.busy = false;
    }
  }
}
