// Reads what the page needs to know about a model: its state, its inputs, its joints.

import { MAX_MARGIN } from "./clip_loop.js";
import { ServingError } from "./serving_error.js";
import { parseSkeleton } from "./skeleton.js";

const DEFAULT_REACH = 4; // for a model without a model card
const ASSUMED_RATE = 30; // frames/s of a clip whose rate is unknown, unless the card names another

/**
 * Asks a server about a model.
 *
 * @param {RestClient} client
 * @returns {Promise<{version: string, inputName: string, clipInputs: ?Object, reachAt: function(number): number,
 *   skeleton: ?Object, card: ?Object, notes: string[]}>} `clipInputs`: how the model takes clips, as
 *   `RestClient.predictClip` needs it; null if it does not; `reachAt(rate)`: how many frames the model looks away from a
 *   frame, in a clip of so many frames per second; 0: unknown
 * @throws {ServingError} if the page cannot use the model
 */
export async function connect(client) {
  const versions = await client.status();
  const serving = versions.find((v) => v.state === "AVAILABLE");
  if (!serving) {
    const states = versions.map((v) => `version ${v.version} is ${v.state} ${v.message}`.trim()).join("; ");
    throw new ServingError("model", `The ${client.title} is not available: ${states || "it has no version"}.`,
      "Wait until it is loaded, or check the server's log.");
  }
  const signatures = await client.signatures();
  const inputName = findImageInput(signatures, client);
  const notes = [];
  const skeleton = await readDescription(client, signatures, "skeleton", parseSkeleton, notes);
  const card = await readDescription(client, signatures, "model_card", JSON.parse, []);
  const clipInputs = findClipInputs(signatures);
  const reachAt = readReach(card);
  const reach = reachAt(0);
  if (clipInputs && reach > MAX_MARGIN) {
    notes.push(`The model uses up to ${reach} neighbours on each side, whole clips only ${MAX_MARGIN}: ` +
      "poses near the ends of a clip may be less accurate.");
  }
  return { version: serving.version, inputName, clipInputs, reachAt, skeleton, card, notes };
}

/** Name of a signature's input if it has a single one, of strings; else null. */
function onlyStringInput(signature) {
  const inputs = Object.entries(signature?.inputs ?? {});
  return inputs.length === 1 && inputs[0][1].dtype === "DT_STRING" ? inputs[0][0] : null;
}

/** The signature for clips and the names of its inputs. If there is one whose windows are in seconds, that one. */
function findClipInputs(signatures) {
  const inputs = Object.entries(signatures.predict_clip_at_rate?.inputs ?? {});
  const nameOf = (dtype) => inputs.find(([, tensor]) => tensor.dtype === dtype)?.[0];
  const [frames, rate] = [nameOf("DT_STRING"), nameOf("DT_FLOAT")];
  if (inputs.length === 2 && frames && rate) return { signature: "predict_clip_at_rate", frames, rate };
  const name = onlyStringInput(signatures.predict_clip);
  return name ? { signature: "predict_clip", frames: name, rate: null } : null;
}

function readReach(card) {
  if (!card?.training) return () => DEFAULT_REACH;
  const { window = 0, frame_stride: stride = 1, window_seconds: seconds, frame_rate: assumed } = card.training;
  if (!window || !seconds) return () => window * stride; // nets of single frames have no window
  return (rate) => {
    const frames = seconds * (rate || assumed || ASSUMED_RATE);
    // A neighbour more than half a frame further away than `seconds` counts as missing.
    return Math.min(window * Math.max(1, Math.round(frames / window)), Math.floor(frames + 0.5));
  };
}

function findImageInput(signatures, client) {
  const name = onlyStringInput(signatures.serving_default);
  if (name) return name;
  const inputs = Object.entries(signatures.serving_default?.inputs ?? {});
  const found = inputs.map(([name, tensor]) => `${name} (${tensor.dtype})`).join(", ") || "none";
  throw new ServingError("model",
    `The ${client.title} does not take image files: expected one string input of serving_default, received ${found}.`,
    "Export it with `export.py`.");
}

async function readDescription(client, signatures, topic, parse, notes) {
  if (!signatures.describe) {
    notes.push("The model does not describe its skeleton: joints are drawn as plain dots.");
    return null;
  }
  const text = await client.describe(topic);
  try {
    return parse(text);
  } catch (error) {
    notes.push(`The model's ${topic} cannot be read (${error.message}): joints are drawn as plain dots.`);
    return null;
  }
}
