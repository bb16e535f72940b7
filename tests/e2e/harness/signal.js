// Puts a camera and a microphone of known content in the place of the browser's own: a colour with a moving
// bar, and a tone. Now and then the picture turns white while the tone is loud, both begun in one turn.
(({ colour, hz, everyMs, offsetMs, flashMs }) => {
  let stage = null;
  const build = () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [320, 180];
    const paint = canvas.getContext("2d", { alpha: false });
    const sound = new AudioContext({ sampleRate: 48000 });
    const tone = new OscillatorNode(sound, { frequency: hz });
    const gain = new GainNode(sound, { gain: 0.05 });
    const out = new MediaStreamAudioDestinationNode(sound, { channelCount: 1 });
    tone.connect(gain).connect(out);
    tone.start();
    let wasWhite = false;
    setInterval(() => {
      const now = Date.now();
      const isWhite = (now + offsetMs) % everyMs < flashMs;
      if (isWhite !== wasWhite) gain.gain.setValueAtTime(isWhite ? 0.5 : 0.05, sound.currentTime);
      wasWhite = isWhite;
      paint.fillStyle = isWhite ? "white" : colour;
      paint.fillRect(0, 0, 320, 180);
      paint.fillStyle = "black";
      paint.fillRect((now / 16) % 320, 0, 20, 180);
    }, 50);
    return { picture: canvas.captureStream(15), sound: out.stream };
  };
  navigator.mediaDevices.getUserMedia = async ({ audio, video }) => {
    stage ??= build();
    const tracks = [];
    if (audio) tracks.push(...stage.sound.getAudioTracks());
    if (video) tracks.push(...stage.picture.getVideoTracks());
    return new MediaStream(tracks.map((track) => track.clone()));
  };
})
