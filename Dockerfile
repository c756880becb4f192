# All commands of keras_pose on a CPU, with the locked packages of the current stack:
#   docker build -t keras_pose .
#   docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/work" keras_pose predict --model=upper_body --video=videos/
#   docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/work" -p 127.0.0.1:8501:8501 keras_pose \
#     serve --model_base_path=runs/quickstart/export/pose --host=0.0.0.0
# With --build-arg PYTHON=3.11 it holds the classic stack. docs/supply_chain.md says what is checked.
ARG PYTHON=3.12
ARG BASE=docker.io/library/python:${PYTHON}-slim-bookworm
FROM ${BASE}

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 TF_CPP_MIN_LOG_LEVEL=2 \
    HOME=/tmp PATH=/opt/venv/bin:$PATH PYTHONPATH=/opt/keras_pose

# Packages first: they change more rarely than the code. The base has no libGL, so OpenCV comes without windows.
COPY requirements/locked/default.txt requirements/locked/default-headless.txt /opt/locked/
RUN python3 -m venv /opt/venv \
    && pip install --no-cache-dir --require-hashes -r /opt/locked/default.txt \
    && pip uninstall --yes opencv-python \
    && pip install --no-cache-dir --require-hashes --no-deps -r /opt/locked/default-headless.txt \
    && python -c 'import cv2, tensorflow'

COPY LICENSE requirements.txt /opt/keras_pose/
COPY requirements /opt/keras_pose/requirements
COPY configs /opt/keras_pose/configs
COPY serving /opt/keras_pose/serving
COPY keras_pose /opt/keras_pose/keras_pose

# Reads and writes below the folder that is mounted here; --user makes the files yours.
WORKDIR /work
USER 1000:1000
ENTRYPOINT ["python", "-m", "keras_pose"]
CMD ["--help"]
