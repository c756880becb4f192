// Keyboard shortcuts: space pauses, arrows step. Controls that use these keys themselves keep them.

const TYPING = "input:not([type=file], [type=checkbox]), select, textarea";

/** @param {{toggle: function(), step: function(number)}} actions */
export function listenToKeys(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest(TYPING)) return;
    if (event.key === " " && !event.target.closest("button, input, a, summary")) {
      event.preventDefault(); // else the page scrolls
      if (!event.repeat) actions.toggle();
    } else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      event.preventDefault();
      actions.step(event.key === "ArrowLeft" ? -1 : 1);
    }
  });
}
