// The table of joints: each with its colour, and its score as a bar and a number.

export class JointTable {
  /** @param {HTMLTableSectionElement} body */
  constructor(body) {
    this.body = body;
    this.rows = [];
  }

  /** Lists the joints of a skeleton, one row each. */
  list(skeleton) {
    this.rows = skeleton.joints.map((name, j) => makeRow(name, skeleton.colors[j]));
    this.body.replaceChildren(...this.rows.map((row) => row.element));
  }

  /**
   * Shows the scores of a pose.
   *
   * @param {Object[]} points the result of `Overlay.draw`
   * @param {?Object} pose the same joints in frame px
   */
  show(points, pose) {
    this.rows.forEach((row, j) => {
      const point = points[j];
      const valid = Boolean(pose?.valid[j]);
      row.element.classList.toggle("not-drawn", !point?.drawn);
      row.bar.style.width = valid ? `${100 * point.score}%` : "0";
      row.number.textContent = point ? (valid ? point.score.toFixed(2) : "none") : "–";
      row.element.dataset.drawn = String(Boolean(point?.drawn));
    });
  }
}

function makeRow(name, color) {
  const element = document.createElement("tr");
  element.className = "not-drawn";
  element.dataset.joint = name;
  const head = element.appendChild(document.createElement("th"));
  head.scope = "row";
  const swatch = head.appendChild(document.createElement("span"));
  swatch.className = "swatch";
  swatch.style.background = color;
  head.append(name.replaceAll("_", " "));
  const cell = element.appendChild(document.createElement("td"));
  cell.setAttribute("aria-hidden", "true"); // the number next to it has the same information
  const track = cell.appendChild(document.createElement("div"));
  track.className = "bar";
  const bar = track.appendChild(document.createElement("span"));
  bar.style.background = color;
  const number = element.appendChild(document.createElement("td"));
  number.textContent = "–";
  return { element, bar, number };
}
