// Runs a net in a thread of its own, with ONNX Runtime for browsers: on the graphics card (WebGPU) or in WebAssembly.
// Messages: {id, load: {folder, file, backends}} or {id, bitmap}; answers: {id, result} or {id, error}.

const ENGINES = { // the files that serving/static_page puts into local/
  webgpu: { main: "ort.webgpu.min.js", part: "ort-wasm-simd-threaded.asyncify" },
  wasm: { main: "ort.wasm.min.js", part: "ort-wasm-simd-threaded" },
};
const WARM_UP_HW = [48, 64];

let ort = null;
let session = null;
const canvas = new OffscreenCanvas(1, 1);
const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });

self.onmessage = async ({ data: { id, load: wanted, bitmap } }) => {
  try {
    self.postMessage({ id, result: wanted ? await load(wanted) : await predict(readPixels(bitmap)) });
  } catch (error) {
    self.postMessage({ id, error: error?.message ?? String(error) });
  } finally {
    bitmap?.close();
  }
};

/** Loads a net; returns the name of the engine that runs it: the first of the wanted ones that works here. */
async function load({ folder, file, backends }) {
  let failure = new Error("no engine for nets is in this page");
  for (const name of backends) {
    if (name === "webgpu" && !(await hasGraphicsCard())) continue;
    try {
      await open(name, folder, file);
      await predict({ data: new Uint8Array(WARM_UP_HW[0] * WARM_UP_HW[1] * 3), size_hw: WARM_UP_HW });
      return name;
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

async function hasGraphicsCard() {
  const adapter = await navigator.gpu?.requestAdapter().catch(() => null);
  return Boolean(adapter) && !(adapter.info?.isFallbackAdapter ?? adapter.isFallbackAdapter);
}

async function open(name, folder, file) {
  const { main, part } = ENGINES[name];
  ort = await import(folder + main);
  ort.env.logLevel = "error";
  ort.env.wasm.numThreads = 1; // more need headers that many web servers do not send
  ort.env.wasm.wasmPaths = { mjs: `${folder}${part}.js`, wasm: `${folder}${part}.wasm` };
  const response = await fetch(file);
  if (!response.ok) throw new Error(`${file}: HTTP ${response.status}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  session = await ort.InferenceSession.create(bytes, { executionProviders: [name] });
}

/** RGB bytes of a bitmap, row by row. */
function readPixels(bitmap) {
  const { width, height } = bitmap;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  context.drawImage(bitmap, 0, 0);
  const rgba = context.getImageData(0, 0, width, height).data;
  const data = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < data.length; from += 4) {
    data[to++] = rgba[from];
    data[to++] = rgba[from + 1];
    data[to++] = rgba[from + 2];
  }
  return { data, size_hw: [height, width] };
}

async function predict({ data, size_hw }) {
  const answer = await session.run({ frames: new ort.Tensor("uint8", data, [1, ...size_hw, 3]) });
  const [points, scores, valid] = ["keypoints", "scores", "valid"].map((name) => Array.from(answer[name].data));
  return {
    keypoints: scores.map((_, j) => points.slice(2 * j, 2 * j + 2)),
    scores,
    valid: valid.map(Boolean),
  };
}
