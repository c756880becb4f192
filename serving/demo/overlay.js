// Draws a frame and its pose. Pixel centres are at integers: the joint (x, y) is drawn at (x + 0.5, y + 0.5) * scale.

const MAX_HEIGHT = 0.72; // fraction of the window's height

export class Overlay {
  /** @param {HTMLCanvasElement} canvas it becomes as wide as its parent allows */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
  }

  /** Fits the canvas to its parent and the window. Returns canvas px per frame px. */
  fit(frame) {
    const style = getComputedStyle(this.canvas.parentElement);
    const room = this.canvas.parentElement.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    const css = Math.min(room / frame.width, Math.max(240, MAX_HEIGHT * innerHeight) / frame.height);
    const density = Math.min(devicePixelRatio || 1, 2);
    const [width, height] = [frame.width * css * density, frame.height * css * density].map(Math.round);
    if (this.canvas.width !== width || this.canvas.height !== height) {
      Object.assign(this.canvas, { width, height });
      this.canvas.style.width = `${width / density}px`;
      this.canvas.style.height = `${height / density}px`;
    }
    this.density = density;
    return { x: width / frame.width, y: height / frame.height };
  }

  /**
   * @param {ImageBitmap} frame
   * @param {?Object} pose keypoints [x, y] in frame px, scores, valid
   * @param {?Object} skeleton of the model
   * @param {number} threshold joints with a lower score are not drawn
   * @returns {Object[]} per joint {joint, score, drawn, x, y}; x, y in canvas px
   */
  draw(frame, pose, skeleton, threshold) {
    // Draw the frame.
    const scale = this.fit(frame);
    this.context.imageSmoothingEnabled = scale.x < 3; // show strongly enlarged pixels as squares
    this.context.drawImage(frame, 0, 0, this.canvas.width, this.canvas.height);
    if (!pose) return [];
    // Map the joints to the canvas.
    const points = pose.keypoints.map(([x, y], j) => ({
      joint: skeleton.joints[j],
      color: skeleton.colors[j],
      score: pose.scores[j],
      drawn: Boolean(pose.valid[j]) && pose.scores[j] >= threshold,
      x: (x + 0.5) * scale.x,
      y: (y + 0.5) * scale.y,
    }));
    // Draw edges, then joints on top.
    const unit = this.density * Math.min(1.6, Math.max(1, this.canvas.width / this.density / 420));
    for (const [a, b] of skeleton.edges) this.#edge(points[a], points[b], unit);
    for (const point of points) this.#joint(point, unit);
    this.context.globalAlpha = 1;
    return points.map(({ joint, score, drawn, x, y }) => ({ joint, score, drawn, x, y }));
  }

  #edge(a, b, unit) {
    if (!a?.drawn || !b?.drawn) return;
    const paint = this.context.createLinearGradient(a.x, a.y, b.x, b.y);
    paint.addColorStop(0, a.color);
    paint.addColorStop(1, b.color);
    this.context.lineCap = "round";
    this.context.globalAlpha = opacity(Math.min(a.score, b.score));
    for (const [style, width] of [["#000a", 5], [paint, 3]]) {
      this.context.strokeStyle = style;
      this.context.lineWidth = width * unit;
      this.context.beginPath();
      this.context.moveTo(a.x, a.y);
      this.context.lineTo(b.x, b.y);
      this.context.stroke();
    }
  }

  #joint({ x, y, color, score, drawn }, unit) {
    if (!drawn) return;
    this.context.globalAlpha = opacity(score);
    for (const [style, radius] of [["#000", 4.5 + 3 * score], [color, 3 + 3 * score]]) {
      this.context.fillStyle = style;
      this.context.beginPath();
      this.context.arc(x, y, radius * unit, 0, 2 * Math.PI);
      this.context.fill();
    }
  }
}

/** Joints with a low score are transparent, those with a high score opaque. */
function opacity(score) {
  return 0.4 + 0.6 * Math.min(1, Math.max(0, score));
}
