CREATE TABLE "erasures" (
	"id" uuid PRIMARY KEY NOT NULL,
	"erased_at" timestamp with time zone NOT NULL,
	"kind" text NOT NULL,
	"key_id" text,
	"request_id" text,
	"prediction_id" uuid,
	"identifier" bigint,
	"made_before" timestamp with time zone,
	"predictions" integer NOT NULL,
	CONSTRAINT "erasures_kind" CHECK ("erasures"."kind" in ('prediction', 'identifier', 'retention'))
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"key" text PRIMARY KEY NOT NULL,
	"fingerprint" text NOT NULL,
	"model" text NOT NULL,
	"claimed_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "outcomes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"prediction_id" uuid NOT NULL,
	"label" text NOT NULL,
	"observed_on" date NOT NULL,
	"recorded_at" timestamp with time zone NOT NULL,
	"key_id" text
);
--> statement-breakpoint
DROP INDEX "predictions_created_at";--> statement-breakpoint
DROP INDEX "predictions_identifier";--> statement-breakpoint
ALTER TABLE "predictions" ADD COLUMN "key_id" text;--> statement-breakpoint
ALTER TABLE "outcomes" ADD CONSTRAINT "outcomes_prediction_id_predictions_id_fk" FOREIGN KEY ("prediction_id") REFERENCES "public"."predictions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "erasures_identifier" ON "erasures" USING btree ("identifier");--> statement-breakpoint
CREATE INDEX "erasures_prediction" ON "erasures" USING btree ("prediction_id");--> statement-breakpoint
CREATE INDEX "idempotency_keys_claimed_at" ON "idempotency_keys" USING btree ("claimed_at");--> statement-breakpoint
CREATE INDEX "outcomes_prediction" ON "outcomes" USING btree ("prediction_id","recorded_at" desc);--> statement-breakpoint
CREATE INDEX "predictions_history" ON "predictions" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "predictions_identifier_history" ON "predictions" USING btree ("identifier","created_at","id");