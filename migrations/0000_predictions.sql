CREATE TABLE "predictions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"identifier" bigint,
	"model_name" text NOT NULL,
	"model_version" text NOT NULL,
	"model_sha256" text NOT NULL,
	"input" jsonb NOT NULL,
	"label" text NOT NULL,
	"probability" double precision NOT NULL,
	"threshold" double precision NOT NULL,
	"risk" text NOT NULL,
	"warnings" jsonb NOT NULL,
	CONSTRAINT "predictions_probability_range" CHECK ("predictions"."probability" between 0 and 1),
	CONSTRAINT "predictions_threshold_range" CHECK ("predictions"."threshold" between 0 and 1)
);
--> statement-breakpoint
CREATE INDEX "predictions_created_at" ON "predictions" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "predictions_identifier" ON "predictions" USING btree ("identifier");