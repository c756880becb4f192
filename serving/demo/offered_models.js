// The models that the server of this page offers, as buttons.

/** @returns {Promise<?string[]>} names of the models; null if the page comes from another web server, which has no list */
export async function listModels() {
  const response = await fetch("models.json", { cache: "no-store" });
  if (!response.ok) return null;
  const { models } = await response.json();
  return Array.isArray(models) ? models.map(String) : [];
}

export class OfferedModels {
  /**
   * @param {HTMLElement} row takes a button for each model; hidden if there is no choice
   * @param {function(string): void} choose is called with the name of the model whose button is pressed
   */
  constructor(row, choose) {
    this.row = row;
    this.choose = choose;
  }

  show(names) {
    this.row.hidden = names.length < 2;
    this.row.replaceChildren(...names.map((name) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = name;
      button.addEventListener("click", () => this.choose(name));
      return button;
    }));
  }

  /** Marks the button of the model that the page uses. */
  mark(name) {
    for (const button of this.row.children) button.setAttribute("aria-pressed", String(button.textContent === name));
  }
}
