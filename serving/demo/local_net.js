// Nets that lie beside the page, in local/ (serving/static_page), and run in this browser: no picture leaves it.

import { ServingError } from "./serving_error.js";
import { parseSkeleton } from "./skeleton.js";

const FOLDER = new URL("local/", import.meta.url).href;
export const WITHOUT_SERVER = "`python -m serving.static_page` writes a page that runs the net in the browser.";
const ENGINE_NAMES = { webgpu: "WebGPU", wasm: "WebAssembly" };

/** @returns {Promise<{models: Object[], backends: string[]}>} the page's nets; no models if it has none */
export async function listLocalNets() {
  const response = await fetch(`${FOLDER}models.json`, { cache: "no-store" }).catch(() => null);
  const listed = response?.ok ? await response.json().catch(() => null) : null;
  return Array.isArray(listed?.models) ? listed : { models: [], backends: [] };
}

/** A net with the interface of `RestClient` that a session needs. */
export class LocalNet {
  /**
   * @param {Object} entry of local/models.json: name, version, file, skeleton, card
   * @param {string[]} backends engines to try in this order: "webgpu", "wasm"
   */
  constructor(entry, backends) {
    this.entry = entry;
    this.backends = backends;
    this.model = entry.name;
    this.version = String(entry.version);
    this.address = "this browser";
    this.takesBitmaps = true;
    this.waiting = new Map();
    this.lastId = 0;
  }

  /**
   * Loads the net.
   *
   * @returns {Promise<Object>} what the page needs to know about it, as `connection.connect` returns it, and `engine`, the
   *   name of what runs it
   * @throws {ServingError} if this browser cannot run it
   */
  async load() {
    this.worker = new Worker(new URL("net_worker.js", import.meta.url), { type: "module" });
    this.worker.onmessage = ({ data: { id, result, error } }) => {
      const { resolve, reject } = this.waiting.get(id);
      this.waiting.delete(id);
      if (error) reject(cannotRun(error));
      else resolve(result);
    };
    this.worker.onerror = (event) => this.#fail(cannotRun(event.message ?? "its worker does not start"));
    const file = FOLDER + this.entry.file;
    const engine = await this.#ask({ load: { folder: FOLDER, file, backends: this.backends } });
    const skeleton = parseSkeleton(JSON.stringify(this.entry.skeleton));
    return { version: this.version, inputName: null, clipInputs: null, reachAt: () => 0, skeleton, card: this.entry.card,
      engine: ENGINE_NAMES[engine], notes: ["No picture leaves this browser."] };
  }

  /**
   * @param {ImageBitmap} bitmap
   * @returns {Promise<{keypoints: number[][], scores: number[], valid: boolean[]}>}
   */
  async predict(bitmap) {
    const copy = await createImageBitmap(bitmap); // the worker closes its own
    return this.#ask({ bitmap: copy }, [copy]);
  }

  /** Ends the net's thread. */
  close() {
    this.worker?.terminate();
    this.#fail(new Error("the net was closed"));
  }

  #ask(message, transferred = []) {
    return new Promise((resolve, reject) => {
      this.lastId += 1;
      this.waiting.set(this.lastId, { resolve, reject });
      this.worker.postMessage({ id: this.lastId, ...message }, transferred);
    });
  }

  #fail(error) {
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}

/** The error of a page that has no net of its own. */
export function noLocalNetError() {
  return new ServingError("no-net", "This page has no net of its own.", `Connect to a server; or ${WITHOUT_SERVER}`);
}

function cannotRun(reason) {
  return new ServingError("local", `The net cannot run in this browser: ${reason}`,
    "Try a current browser, or connect to a server.");
}
