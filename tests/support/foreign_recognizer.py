"""A server with Salon's own recogniser behind two foreign protocols.

``python foreign_recognizer.py FOLDER PORT`` serves OpenAI's transcriptions, and the Open Inference Protocol
as its specification says (version 2, REST). A key of ``wrong`` and a model called ``broken`` are refused, so
that refusals can be seen too.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import uvicorn
from fastapi import FastAPI, File, Form, Header, HTTPException

from salon.ai.audio import decode
from salon.ai.backends import SileroActivity
from salon.ai.model_store import ModelStore
from salon.ai.recognizers import recognizer_of


def build(folder: Path) -> FastAPI:
    app = FastAPI()
    own = recognizer_of(ModelStore(folder), "whisper-base", threads=2, activity=SileroActivity())

    @app.get("/v1/models")
    def models() -> dict[str, Any]:
        return {"object": "list", "data": []}

    @app.post("/v1/audio/transcriptions")
    def transcribe(
        file: Annotated[bytes, File()],
        model: Annotated[str, Form()],
        language: Annotated[str, Form()] = "",
        authorization: Annotated[str, Header()] = "",
    ) -> dict[str, Any]:
        if authorization == "Bearer wrong":
            raise HTTPException(401)
        if model == "broken":
            return {"txt": "no text"}
        heard = own.recognize(decode(file, "wav", rate_hz=0, channels=0), language)
        segments = [{"avg_logprob": math.log(one.confidence), "text": one.text} for one in heard.words]
        return {"text": heard.text, "language": "english", "segments": segments}

    @app.get("/v2/models/{model}/ready")
    def ready(model: str) -> dict[str, Any]:
        if model == "broken":
            raise HTTPException(404)
        return {"ready": True}

    @app.post("/v2/models/{model}/infer")
    def infer(model: str, request: dict[str, Any]) -> dict[str, Any]:
        if model == "broken":
            raise HTTPException(400)
        given = {one["name"]: one for one in request["inputs"]}
        audio = given["audio"]
        assert audio["shape"] == [1, len(audio["data"])]
        heard = own.recognize(np.array(audio["data"], np.float32), given["language"]["data"][0])
        outputs = [
            {"name": "text", "shape": [1], "datatype": "BYTES", "data": [heard.text]},
            {"name": "language", "shape": [1], "datatype": "BYTES", "data": [heard.language]},
            {"name": "confidence", "shape": [1], "datatype": "FP32", "data": [heard.confidence]},
        ]
        return {"model_name": model, "outputs": outputs}

    return app


if __name__ == "__main__":
    uvicorn.run(build(Path(sys.argv[1])), port=int(sys.argv[2]), log_level="warning")
