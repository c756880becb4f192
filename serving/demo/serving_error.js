// Errors for the user: what went wrong and, if known, what to do about it.

export class ServingError extends Error {
  /**
   * @param {string} kind one of "unreachable", "cors", "mixed", "timeout", "missing", "model", "refused", "answer",
   *   "address", "file", "camera", "local", "no-net"
   * @param {string} message what happened, as a sentence
   * @param {string} help what to do about it; text between backquotes is code
   * @param {number} status HTTP status of the answer; 0 if there was none
   */
  constructor(kind, message, help = "", status = 0) {
    super(message);
    this.kind = kind;
    this.help = help;
    this.status = status;
  }
}

export function corsError(address) {
  return new ServingError(
    "cors",
    `${address} answers, but does not let this page read the answer (CORS).`,
    "Start TensorFlow Serving or the local server with `--rest_api_enable_cors_support`, " +
      "or open the local server's own page at `/demo/`.",
  );
}

export function unreachableError(address) {
  return new ServingError(
    "unreachable",
    `No server answers at ${address}.`,
    "Is it running, and is this its REST port (`--rest_api_port`, 8501 by default)? " +
      "The gRPC port (8500) does not speak HTTP.",
  );
}

export function mixedContentError(address) {
  return new ServingError(
    "mixed",
    `This page was loaded over https, so the browser does not let it read ${address} over http.`,
    "Open the page over http, or use a server with https.",
  );
}

export function timeoutError(address, seconds) {
  return new ServingError(
    "timeout",
    `${address} did not answer within ${seconds} s.`,
    "The first answer of a newly loaded model can take long: try again.",
  );
}

/** The error for an answer with an error status; `text` is the server's own message. */
export function errorFromStatus(status, text, model) {
  const serverMessage = text ? ` The server says: ${text}` : "";
  // TensorFlow Serving answers 404 for an unknown version, but 400 for an unknown label.
  if (status === 404 || (status === 400 && /version label/i.test(text ?? ""))) {
    return new ServingError("missing", `There is no ${model} on this server.${serverMessage}`,
      "Check the name and the version.", status);
  }
  if (status === 413) {
    return new ServingError("refused", `The image is too large for the server.${serverMessage}`, "Use a smaller one.",
      status);
  }
  return new ServingError("refused", `The server refused the request (HTTP ${status}).${serverMessage}`, "", status);
}
