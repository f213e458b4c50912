/** A run in a cell of a notebook: what the kernel draws, and what to say when the kernel draws no more. */

/** So many milliseconds a kernel may say nothing: it may compute meanwhile. */
const PATIENCE = 15_000;

export default {
  render({ model, el }) {
    const shown = document.createElement("div");
    const lost = document.createElement("p");
    lost.setAttribute("role", "status");
    lost.style.font = "inherit";
    el.append(shown, lost);
    let heard = Date.now();

    // Every text in it was escaped by the kernel, and there are no scripts in it.
    const draw = () => (shown.innerHTML = model.get("html"));
    const tell = () => (lost.textContent = !model.get("over") && Date.now() - heard > PATIENCE ? model.get("lost") : "");
    const beat = () => {
      heard = Date.now();
      tell();
    };

    draw();
    model.on("change:html", draw);
    model.on("change:beat", beat);
    const clock = setInterval(tell, 1_000);
    return () => {
      clearInterval(clock);
      model.off("change:html", draw);
      model.off("change:beat", beat);
    };
  },
};
