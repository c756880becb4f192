// Joints of images from a served pose model, in a browser or in Node 18 or newer; needs ../demo/ beside it.
//
//   import { PoseClient } from "./pose_client.js";
//   const client = new PoseClient("http://localhost:8501", "pose"); // further arguments: version or label, key
//   const [pose] = await client.predictImages([file]); // a File of the page, or readFileSync("signer.jpg") in Node
//   pose.keypoints[0]; // [x, y] of the first joint, in px of the image
//
// Files are sent as they are: the server finds their size, so nothing has to be scaled or padded.

import { canSendAsIs } from "../demo/image_files.js";
import { RestClient } from "../demo/rest_client.js";
import { ServingError } from "../demo/serving_error.js";

export { ServingError };

const TIMEOUT_S = 60;
const CHUNK_BYTES = 0x8000; // as many arguments as every engine accepts

export class PoseClient extends RestClient {
  /**
   * Finds the joints in images of any sizes.
   *
   * @param {(Blob|ArrayBuffer|Uint8Array)[]} images JPEG or PNG files
   * @param {string} signature one that takes `image_bytes`
   * @returns {Promise<{keypoints: number[][], scores: number[], valid: boolean[]}[]>} one for each image. If an image
   *   cannot be decoded, its `valid` is false.
   * @throws {ServingError} if an image would have to be converted, the server does not answer, or it refuses
   */
  async predictImages(images, signature = "serving_default") {
    if (!images.length) return [];
    const files = await Promise.all(images.map(readBytes));
    files.forEach((bytes, i) => {
      if (!canSendAsIs(bytes.buffer)) {
        throw new ServingError("file", `Image ${i + 1} is no JPEG or PNG that is stored upright.`,
          "Write it again without EXIF orientation, or use `python -m serving.client`, which converts images.");
      }
    });
    const inputs = { image_bytes: files.map((bytes) => ({ b64: toBase64(bytes) })) };
    const { outputs } = await this.ask(this.url(":predict"), TIMEOUT_S, { signature_name: signature, inputs });
    const { keypoints, scores, valid } = outputs ?? {};
    if (![keypoints, scores, valid].every((rows) => rows?.length === images.length)) {
      throw new ServingError("answer", "The answer has no joints for each image.", "Is this an export of a pose model?");
    }
    return images.map((_, i) => ({ keypoints: keypoints[i], scores: scores[i], valid: valid[i] }));
  }

  /** @returns {Promise<{joints: string[], edges: number[][]}>} the export's skeleton */
  async skeleton() {
    return JSON.parse(await this.describe("skeleton"));
  }
}

/** @returns {Promise<Uint8Array>} with a buffer of its own */
async function readBytes(image) {
  return new Uint8Array(image instanceof Blob ? await image.arrayBuffer() : image);
}

function toBase64(bytes) {
  let text = "";
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
    text += String.fromCharCode(...bytes.subarray(start, start + CHUNK_BYTES));
  }
  return btoa(text);
}
