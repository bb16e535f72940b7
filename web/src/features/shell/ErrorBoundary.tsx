import { TriangleAlert } from "lucide-react";
import { Component, type ErrorInfo, type ReactNode } from "react";
import { Button } from "../../ui/Button";
import { MessageScreen } from "./MessageScreen";

type ErrorBoundaryProps = { title: string; text: string; action: string; children: ReactNode };

/** Keeps a fault in drawing from leaving a blank page: says so, and offers to reload. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    console.error("A screen could not be drawn.", error, info.componentStack);
  }

  override render(): ReactNode {
    const { title, text, action, children } = this.props;
    if (!this.state.hasFailed) {
      return children;
    }
    return (
      <MessageScreen icon={<TriangleAlert />} title={title} text={text}>
        <Button look="primary" onClick={() => location.reload()}>
          {action}
        </Button>
      </MessageScreen>
    );
  }
}
