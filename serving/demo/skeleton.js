// Joint names, edges and colours, in the format of `keras_pose.skeleton`.

/**
 * @param {string} text JSON with joints, edges (pairs of names) and colors ([r, g, b] of 0 to 255)
 * @returns {{name: string, joints: string[], edges: number[][], colors: string[]}} edges as pairs of joint indices
 * @throws {Error} if the text is not a skeleton
 */
export function parseSkeleton(text) {
  const fields = JSON.parse(text);
  if (!Array.isArray(fields?.joints) || !fields.joints.length) throw new Error("expected a list of joints");
  const joints = fields.joints.map(String);
  const edges = (fields.edges ?? []).map((pair) => pair.map((name) => joints.indexOf(name)));
  if (edges.some((pair) => pair.length !== 2 || pair.includes(-1))) throw new Error("an edge has unknown joints");
  const colors = joints.map((_, j) => cssColor(fields.colors?.[j]) ?? hue(j, joints.length));
  return { name: fields.name ?? "", joints, edges, colors };
}

/** A skeleton without names or edges, for models without a description. */
export function plainDots(count) {
  const joints = Array.from({ length: count }, (_, j) => `joint ${j}`);
  return { name: "", joints, edges: [], colors: joints.map((_, j) => hue(j, count)) };
}

function cssColor(rgb) {
  return Array.isArray(rgb) && rgb.length === 3 ? `rgb(${rgb.map(Number).join(", ")})` : null;
}

function hue(j, count) {
  return `hsl(${Math.round((360 * j) / count)} 85% 55%)`;
}
