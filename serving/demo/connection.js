// What a model is and wants: its state, the name of its input, its joints.

import { MAX_MARGIN } from "./clip_loop.js";
import { ServingError } from "./serving_error.js";
import { parseSkeleton } from "./skeleton.js";

const UNKNOWN_REACH = 4; // of a model that does not describe itself

/**
 * Asks a server about a model.
 *
 * @param {RestClient} client
 * @returns {Promise<{version: string, inputName: string, clipInput: ?string, reach: number, skeleton: ?Object,
 *   card: ?Object, notes: string[]}>} `clipInput`: input of predict_clip, where there is one; `reach`: how many frames
 *   away from a frame the model looks
 * @throws {ServingError} where it cannot be used
 */
export async function connect(client) {
  const versions = await client.status();
  const serving = versions.find((v) => v.state === "AVAILABLE");
  if (!serving) {
    const states = versions.map((v) => `version ${v.version} is ${v.state} ${v.message}`.trim()).join("; ");
    throw new ServingError("model", `The ${client.title} is not available: ${states || "it has no version"}.`,
      "Wait until it is loaded, or read the server's log.");
  }
  const signatures = await client.signatures();
  const inputName = imageInput(signatures, client);
  const notes = [];
  const skeleton = await described(client, signatures, "skeleton", parseSkeleton, notes);
  const card = await described(client, signatures, "model_card", JSON.parse, []);
  const clipInput = onlyText(signatures.predict_clip);
  const reach = reachOf(card);
  if (clipInput && reach > MAX_MARGIN) {
    notes.push(`It looks ${reach} frames far; whole clips overlap by ${MAX_MARGIN}: at their ends it sees fewer.`);
  }
  return { version: serving.version, inputName, clipInput, reach, skeleton, card, notes };
}

/** Name of a signature's input where there is one only, of strings. */
function onlyText(signature) {
  const inputs = Object.entries(signature?.inputs ?? {});
  return inputs.length === 1 && inputs[0][1].dtype === "DT_STRING" ? inputs[0][0] : null;
}

function reachOf(card) {
  if (!card?.training) return UNKNOWN_REACH;
  return (card.training.window ?? 0) * (card.training.frame_stride ?? 1); // nets of single frames name no window
}

function imageInput(signatures, client) {
  const name = onlyText(signatures.serving_default);
  if (name) return name;
  const inputs = Object.entries(signatures.serving_default?.inputs ?? {});
  const got = inputs.map(([name, tensor]) => `${name} (${tensor.dtype})`).join(", ") || "none";
  throw new ServingError("model",
    `The ${client.title} does not take image files: expected one string input of serving_default, received ${got}.`,
    "Export it with `export.py`.");
}

async function described(client, signatures, topic, parse, notes) {
  if (!signatures.describe) {
    notes.push("The model does not describe its skeleton: joints are plain dots.");
    return null;
  }
  const text = await client.describe(topic);
  try {
    return parse(text);
  } catch (error) {
    notes.push(`The model's ${topic} cannot be read (${error.message}): joints are plain dots.`);
    return null;
  }
}
