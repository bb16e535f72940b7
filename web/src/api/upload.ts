/** Sends a form with news of its progress, which `fetch` does not tell. */

import type { Upload } from "./http";

const EMPTY_STATUS = 204;

export const uploadByRequest: Upload = (input, { headers, body, deadline_ms, onProgress }) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", input);
    headers.forEach((value, name) => request.setRequestHeader(name, value));
    request.timeout = deadline_ms;
    request.upload.onprogress = ({ loaded, total }) => {
      if (total > 0) onProgress(Math.min(1, loaded / total));
    };
    request.onload = () => {
      const { status, statusText, responseText } = request;
      resolve(new Response(status === EMPTY_STATUS ? null : responseText, { status, statusText }));
    };
    request.onerror = () => reject(new TypeError("The upload broke off."));
    request.ontimeout = () => reject(new DOMException("The upload took too long.", "TimeoutError"));
    request.send(body);
  });
