// TensorFlow Serving's REST API: model status, metadata and predictions.

import { ServingError, fromStatus, mixedContent, notReachable, notReadable, timedOut } from "./serving_error.js";

const STATUS_TIMEOUT_S = 10;
const PREDICT_TIMEOUT_S = 60;

export class RestClient {
  /**
   * @param {string} address such as "http://localhost:8501"
   * @param {string} model name of the model
   * @param {string} version a number, a label, or "" for the server's choice
   */
  constructor(address, model, version = "") {
    this.address = address.trim().replace(/\/+$/, "");
    this.model = model.trim();
    this.version = version.trim();
  }

  /** "model pose, version 3", for people. */
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
    const answer = await this.#ask(this.url(), STATUS_TIMEOUT_S);
    const list = answer.model_version_status;
    if (!Array.isArray(list)) throw this.#notServing();
    return list.map((v) => ({ version: v.version, state: v.state, message: v.status?.error_message ?? "" }));
  }

  /** @returns {Promise<Object>} signature definitions by name */
  async signatures() {
    const answer = await this.#ask(this.url("/metadata"), STATUS_TIMEOUT_S);
    return answer.metadata?.signature_def?.signature_def ?? {};
  }

  /** @returns {Promise<string>} what the signature `describe` says about a topic */
  async describe(topic) {
    const body = { signature_name: "describe", inputs: { topic: [topic] } };
    const { outputs } = await this.#ask(this.url(":predict"), PREDICT_TIMEOUT_S, body);
    // A signature with one output is answered without its name.
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
    const answer = await this.#ask(this.url(":predict"), PREDICT_TIMEOUT_S, body, signal);
    const pose = answer.predictions?.[0];
    if (!Array.isArray(pose?.keypoints)) throw noKeypoints();
    const scores = pose.scores ?? pose.keypoints.map(() => 1);
    return { keypoints: pose.keypoints, scores, valid: pose.valid ?? scores.map(() => true) };
  }

  /**
   * @param {string[]} frames base64 of JPEG or PNG files, in order
   * @param {string} inputName name of the only input of predict_clip
   * @param {AbortSignal} signal ends the request early
   * @returns {Promise<{keypoints: number[][], scores: number[], valid: boolean[]}[]>} one for each frame
   */
  async predictClip(frames, inputName, signal) {
    const body = { signature_name: "predict_clip", inputs: { [inputName]: [frames.map((b64) => ({ b64 }))] } };
    const { outputs } = await this.#ask(this.url(":predict"), PREDICT_TIMEOUT_S, body, signal);
    const [keypoints, scores, valid] = ["keypoints", "scores", "valid"].map((name) => outputs?.[name]?.[0]);
    const fits = (rows) => rows?.length === frames.length && rows.every(Array.isArray);
    if (![keypoints, scores, valid].every(fits)) throw noKeypoints();
    return frames.map((_, i) => ({ keypoints: keypoints[i], scores: scores[i], valid: valid[i] }));
  }

  async #ask(url, timeoutS, body, signal) {
    const limit = AbortSignal.timeout(timeoutS * 1000);
    const options = { signal: signal ? AbortSignal.any([signal, limit]) : limit, cache: "no-store" };
    if (body) {
      // Sent as text/plain, which TensorFlow Serving reads alike: JSON would cost a CORS preflight before each frame.
      Object.assign(options, { method: "POST", body: JSON.stringify(body) });
    }
    let response, text;
    try {
      response = await fetch(url, options);
      text = await response.text();
    } catch (error) {
      if (signal?.aborted) throw error;
      if (limit.aborted) throw timedOut(this.address, timeoutS);
      throw await this.#whyUnread();
    }
    let answer;
    try {
      answer = JSON.parse(text);
    } catch {
      throw response.ok ? this.#notServing() : fromStatus(response.status, text.slice(0, 200), this.title);
    }
    if (!response.ok || answer.error) throw fromStatus(response.status, answer.error, this.title);
    return answer;
  }

  /** A failed fetch does not say why; one whose answer stays hidden succeeds where there is a server without CORS. */
  async #whyUnread() {
    if (location.protocol === "https:" && /^http:\/\/(?!localhost|127\.)/.test(this.address)) {
      return mixedContent(this.address);
    }
    try {
      await fetch(this.url(), { mode: "no-cors", cache: "no-store", signal: AbortSignal.timeout(3000) });
    } catch {
      return notReachable(this.address);
    }
    return new URL(this.address).origin === location.origin ? notReachable(this.address) : notReadable(this.address);
  }

  #notServing() {
    return new ServingError("answer", `${this.address} answers, but not as TensorFlow Serving does.`,
      "Is this the REST port?");
  }
}

function noKeypoints() {
  return new ServingError("answer", "The answer holds no keypoints.", "Is this an export of a pose model?");
}
