// TensorFlow Serving's REST API: model status, metadata and predictions. Works in browsers and in Node 18 or newer.

import {
  ServingError, corsError, errorFromStatus, mixedContentError, timeoutError, unreachableError,
} from "./serving_error.js";

const STATUS_TIMEOUT_S = 10;
const PREDICT_TIMEOUT_S = 60;

export class RestClient {
  /**
   * @param {string} address such as "http://localhost:8501"
   * @param {string} model name of the model
   * @param {string} version a number, a label, or "" for the latest
   * @param {string} key what a proxy in front of the server asks for (serving/nginx.conf); "" for none
   */
  constructor(address, model, version = "", key = "") {
    this.address = address.trim().replace(/\/+$/, "");
    this.model = model.trim();
    this.version = version.trim();
    this.headers = key ? { Authorization: `Bearer ${key}` } : {};
  }

  /** The model for messages, such as 'model "pose", version 3'. */
  get title() {
    if (!this.version) return `model "${this.model}"`;
    return `model "${this.model}", ${/^\d+$/.test(this.version) ? "version" : "label"} ${this.version}`;
  }

  url(end = "") {
    let path = `${this.address}/v1/models/${encodeURIComponent(this.model)}`;
    if (this.version) {
      path += `/${/^\d+$/.test(this.version) ? "versions" : "labels"}/${encodeURIComponent(this.version)}`;
    }
    return path + end;
  }

  /** @returns {Promise<{version: string, state: string, message: string}[]>} newest first */
  async status() {
    const answer = await this.ask(this.url(), STATUS_TIMEOUT_S);
    const list = answer.model_version_status;
    if (!Array.isArray(list)) throw this.#foreignAnswerError();
    return list.map((v) => ({ version: v.version, state: v.state, message: v.status?.error_message ?? "" }));
  }

  /** @returns {Promise<Object>} signature definitions by name */
  async signatures() {
    const answer = await this.ask(this.url("/metadata"), STATUS_TIMEOUT_S);
    return answer.metadata?.signature_def?.signature_def ?? {};
  }

  /** @returns {Promise<string>} the text that the signature `describe` returns for a topic */
  async describe(topic) {
    const body = { signature_name: "describe", inputs: { topic: [topic] } };
    const { outputs } = await this.ask(this.url(":predict"), PREDICT_TIMEOUT_S, body);
    // The REST API omits the name of a single output.
    const texts = Array.isArray(outputs) ? outputs : outputs?.text;
    return texts?.[0] ?? "";
  }

  /**
   * @param {string} base64 a JPEG or PNG file
   * @param {string} inputName name of the only input of serving_default
   * @param {AbortSignal} signal ends the request early
   * @returns {Promise<{keypoints: number[][], scores: number[], valid: boolean[]}>}
   */
  async predict(base64, inputName, signal) {
    const body = { instances: [{ [inputName]: { b64: base64 } }] };
    const answer = await this.ask(this.url(":predict"), PREDICT_TIMEOUT_S, body, signal);
    const pose = answer.predictions?.[0];
    if (!Array.isArray(pose?.keypoints)) throw keypointsError();
    const scores = pose.scores ?? pose.keypoints.map(() => 1);
    return { keypoints: pose.keypoints, scores, valid: pose.valid ?? scores.map(() => true) };
  }

  /**
   * @param {string[]} frames base64 of JPEG or PNG files, in order
   * @param {{signature: string, frames: string, rate: ?string}} names of the signature and its inputs; `rate` null: it
   *   takes no frame rate
   * @param {number} rate frames per second; 0: unknown
   * @param {AbortSignal} signal ends the request early
   * @returns {Promise<{keypoints: number[][], scores: number[], valid: boolean[]}[]>} one for each frame
   */
  async predictClip(frames, names, rate, signal) {
    const inputs = { [names.frames]: [frames.map((b64) => ({ b64 }))] };
    if (names.rate) inputs[names.rate] = [rate];
    const body = { signature_name: names.signature, inputs };
    const { outputs } = await this.ask(this.url(":predict"), PREDICT_TIMEOUT_S, body, signal);
    const [keypoints, scores, valid] = ["keypoints", "scores", "valid"].map((name) => outputs?.[name]?.[0]);
    const fits = (rows) => rows?.length === frames.length && rows.every(Array.isArray);
    if (![keypoints, scores, valid].every(fits)) throw keypointsError();
    return frames.map((_, i) => ({ keypoints: keypoints[i], scores: scores[i], valid: valid[i] }));
  }

  /**
   * Sends a request: GET, or POST if there is a body.
   *
   * @param {string} url see `url`
   * @param {number} timeoutS longest wait for the whole answer in s
   * @param {Object} body becomes JSON
   * @param {AbortSignal} signal ends the request early (Node 20 or newer)
   * @returns {Promise<Object>} the answer
   * @throws {ServingError} if the server does not answer, or answers with an error
   */
  async ask(url, timeoutS, body, signal) {
    const limit = AbortSignal.timeout(timeoutS * 1000);
    const options = { signal: signal ? AbortSignal.any([signal, limit]) : limit, cache: "no-store" };
    options.headers = this.headers;
    if (body) {
      // Sent as text/plain, which TensorFlow Serving accepts too: JSON would need a CORS preflight before each frame.
      Object.assign(options, { method: "POST", body: JSON.stringify(body) });
    }
    // Send the request.
    let response, text;
    try {
      response = await fetch(url, options);
      text = await response.text();
    } catch (error) {
      if (signal?.aborted) throw error;
      if (limit.aborted) throw timeoutError(this.address, timeoutS);
      throw await this.#explainFailedFetch();
    }
    // Read the answer.
    let answer;
    try {
      answer = JSON.parse(text);
    } catch {
      if (response.ok) throw this.#foreignAnswerError();
      throw errorFromStatus(response.status, text.slice(0, 200), this.title);
    }
    if (!response.ok || answer.error) throw errorFromStatus(response.status, answer.error, this.title);
    return answer;
  }

  /** Finds out why a fetch failed. If a second one in mode "no-cors" succeeds, the server runs without CORS support. */
  async #explainFailedFetch() {
    if (!globalThis.location) return unreachableError(this.address); // Node: no page, so no other origin
    if (location.protocol === "https:" && /^http:\/\/(?!localhost|127\.)/.test(this.address)) {
      return mixedContentError(this.address);
    }
    try {
      await fetch(this.url(), { mode: "no-cors", cache: "no-store", signal: AbortSignal.timeout(3000) });
    } catch {
      return unreachableError(this.address);
    }
    return new URL(this.address).origin === location.origin ? unreachableError(this.address) : corsError(this.address);
  }

  #foreignAnswerError() {
    return new ServingError("answer", `${this.address} answers, but not as TensorFlow Serving does.`,
      "Is this the REST port?");
  }
}

function keypointsError() {
  return new ServingError("answer", "The answer has no keypoints.", "Is this an export of a pose model?");
}
