@webhooks @pci-6.2.4 @pci-10.2.2 @cwe-294 @asvs-V2.3.2 @asvs-V4.1.5 @wstg-BUSL-04
Feature: A recorded delivery of Square's is rightly signed for ever

  Square's signature carries no time. What was recorded once verifies until the key is changed, so that only the number
  of the event tells that it was used before, and that number must never be forgotten.

  @high @defect-W05 @defect-W17 @simulator-only
  Scenario Outline: A delivery recorded <days> days ago does nothing the second time
    Given a shopper who paid 49.99 EUR
    And an attacker has recorded the "payment succeeded" event
    When <days> days pass
    And the attacker delivers what was recorded
    Then the event is acknowledged
    And the order stays paid
    And the order is fulfilled once
    And the shop keeps one record of what was recorded
    And the books balance and agree with the provider

    Examples:
      | days |
      | 1    |
      | 30   |
      | 180  |

  @high @defect-W05 @defect-W27 @simulator-only
  Scenario: A payment recorded months ago does not undo its refund
    Given a shopper who paid 49.99 EUR
    And an attacker has recorded the "payment succeeded" event
    When the operator refunds the whole payment
    And the order is seen as refunded
    And 90 days pass
    And the attacker delivers what was recorded
    Then the order stays refunded
    And the order is fulfilled once
    And the books balance and agree with the provider
